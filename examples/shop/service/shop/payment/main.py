"""Payment as an application of its own."""

from shop.payment.routes import router
from shop.web import application

app = application(payment=router)
