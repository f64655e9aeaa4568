<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Greetings</title>
  <link rel="stylesheet" href="/static/style.css">
</head>
<body>
  <h1>Hello, world!</h1>
  <form method="post" action="/greetings">
    <label>Your name <input name="name" required></label>
    <button>Greet</button>
  </form>
  <form method="post" action="/uploads" enctype="multipart/form-data">
    <label>A file <input type="file" name="file" required></label>
    <button>Upload</button>
  </form>
</body>
</html>
