// Greetings, in Express.

import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import compression from "compression";
import cookieParser from "cookie-parser";
import express from "express";
import multer from "multer";

const app = express();
const uploads = multer({ storage: multer.memoryStorage() });

app.set("query parser", "simple");
app.use(compression());
app.use(cookieParser());
app.use(express.static("public"));

// The page with the forms.
app.get("/", (request, response) => {
  response.sendFile("index.html", { root: "views" });
});

// A route parameter.
app.get("/hello/:name", (request, response) => {
  response.type("text/plain").send(`Hello, ${request.params.name}!`);
});

// A query, with a key that may come again.
app.get("/search", (request, response) => {
  const { q = "", tag = [] } = request.query;
  response.json({ q, tags: [tag].flat() });
});

// A form: remember the name in a cookie and go to its greeting.
app.post("/greetings", express.urlencoded({ extended: false }), (request, response) => {
  const { name } = request.body;
  response.cookie("name", name, { httpOnly: true });
  response.redirect(303, `/hello/${encodeURIComponent(name)}`);
});

// A JSON body.
app.post("/notes", express.json(), (request, response) => {
  response.status(201).json({ id: 1, title: request.body.title });
});

// An answer without a body.
app.delete("/notes/:note", (request, response) => {
  response.status(204).end();
});

// An answer that is worth compressing.
app.get("/books", (request, response) => {
  response.json(Array.from({ length: 200 }, (_, i) => ({ id: i + 1, title: `Book ${i + 1}` })));
});

// A file of the form.
app.post("/uploads", uploads.single("file"), (request, response) => {
  const { originalname, size, buffer } = request.file;
  const sha256 = createHash("sha256").update(buffer).digest("hex");
  response.json({ name: originalname, size, sha256 });
});

// Each of the 256 bytes there are.
app.get("/download", (request, response) => {
  response.attachment("bytes.bin").send(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
});

// The cookies that came, and two more.
app.get("/cookies", (request, response) => {
  response.cookie("theme", "dark");
  response.cookie("visited", "yes", { httpOnly: true });
  response.json(Object.fromEntries(Object.entries(request.cookies).sort()));
});

// A redirect.
app.get("/moved", (request, response) => {
  response.redirect(302, "/hello/again");
});

// An answer that takes its time.
app.get("/slow/:milliseconds", async (request, response) => {
  await setTimeout(Number(request.params.milliseconds));
  response.type("text/plain").send("Done.");
});

// Five lines, one after the other.
app.get("/stream", async (request, response) => {
  response.type("text/plain");
  for (let number = 1; number <= 5; number += 1) {
    response.write(`line ${number}\n`);
    response.flush();
    await setTimeout(100);
  }
  response.end();
});

// A defect.
app.get("/broken", () => {
  throw new Error("This is the defect.");
});

const server = app.listen(process.env.PORT ?? 8080);
server.keepAliveTimeout = 75_000; // longer than the adapter or a load balancer keeps one

process.on("SIGTERM", () => server.close());
