from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return "<h1>It works</h1>"


app.run()
