"""The whole application: every domain in one function."""

from shop.insight.routes import router as insight
from shop.inventory.routes import router as inventory
from shop.orders.routes import router as orders
from shop.payment.routes import router as payment
from shop.web import application

app = application(inventory=inventory, payment=payment, orders=orders, insight=insight)
