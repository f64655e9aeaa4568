"""The application once Payment has left, and answers for itself."""

from shop.insight.routes import router as insight
from shop.inventory.routes import router as inventory
from shop.orders.routes import router as orders
from shop.web import application

app = application(inventory=inventory, orders=orders, insight=insight)
