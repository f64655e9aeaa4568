package greetings;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.springframework.web.util.UriUtils;

@RestController
public class GreetingController {

    public record Book(int id, String title) {}

    public record Note(Integer id, String title) {}

    public record Found(String q, List<String> tags) {}

    public record Upload(String name, long size, String sha256) {}

    /** A route parameter. */
    @GetMapping(value = "/hello/{name}", produces = MediaType.TEXT_PLAIN_VALUE)
    public String hello(@PathVariable String name) {
        return "Hello, " + name + "!";
    }

    /** A query, with a key that may come again. */
    @GetMapping("/search")
    public Found search(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(name = "tag", defaultValue = "") List<String> tags) {
        return new Found(q, tags);
    }

    /** A form: remember the name in a cookie and go to its greeting. */
    @PostMapping("/greetings")
    public ResponseEntity<Void> greet(@RequestParam String name) {
        String encoded = UriUtils.encode(name, UTF_8);
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .location(URI.create("/hello/" + encoded))
                .header(HttpHeaders.SET_COOKIE, cookie("name", encoded, true))
                .build();
    }

    /** A JSON body. */
    @PostMapping("/notes")
    @ResponseStatus(HttpStatus.CREATED)
    public Note addNote(@RequestBody Note note) {
        return new Note(1, note.title());
    }

    /** An answer without a body. */
    @DeleteMapping("/notes/{note}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    public void removeNote(@PathVariable int note) {}

    /** An answer that is worth compressing. */
    @GetMapping("/books")
    public List<Book> books() {
        return IntStream.rangeClosed(1, 200).mapToObj(id -> new Book(id, "Book " + id)).toList();
    }

    /** A file of the form. */
    @PostMapping("/uploads")
    public Upload upload(@RequestParam MultipartFile file)
            throws IOException, NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(file.getBytes());
        return new Upload(
                file.getOriginalFilename(), file.getSize(), HexFormat.of().formatHex(digest));
    }

    /** Each of the 256 bytes there are. */
    @GetMapping(value = "/download", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    public ResponseEntity<byte[]> download() {
        byte[] data = new byte[256];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) i;
        }
        String disposition = ContentDisposition.attachment().filename("bytes.bin").build().toString();
        return ResponseEntity.ok().header(HttpHeaders.CONTENT_DISPOSITION, disposition).body(data);
    }

    /** The cookies that came, and two more. */
    @GetMapping("/cookies")
    public ResponseEntity<Map<String, String>> cookies(HttpServletRequest request) {
        Map<String, String> came = new TreeMap<>();
        if (request.getCookies() != null) {
            for (Cookie cookie : request.getCookies()) {
                came.put(cookie.getName(), cookie.getValue());
            }
        }
        return ResponseEntity.ok()
                .header(HttpHeaders.SET_COOKIE, cookie("theme", "dark", false))
                .header(HttpHeaders.SET_COOKIE, cookie("visited", "yes", true))
                .body(came);
    }

    /** A redirect. */
    @GetMapping("/moved")
    public ResponseEntity<Void> moved() {
        return ResponseEntity.status(HttpStatus.FOUND).location(URI.create("/hello/again")).build();
    }

    /** An answer that takes its time. */
    @GetMapping(value = "/slow/{milliseconds}", produces = MediaType.TEXT_PLAIN_VALUE)
    public String slow(@PathVariable long milliseconds) throws InterruptedException {
        Thread.sleep(milliseconds);
        return "Done.";
    }

    /** Five lines, one after the other. */
    @GetMapping(value = "/stream", produces = MediaType.TEXT_PLAIN_VALUE)
    public StreamingResponseBody stream() {
        return body -> {
            for (int number = 1; number <= 5; number++) {
                body.write(("line " + number + "\n").getBytes(UTF_8));
                body.flush();
                pause(100);
            }
        };
    }

    /** A defect. */
    @GetMapping("/broken")
    public String broken() {
        throw new IllegalStateException("This is the defect.");
    }

    private static String cookie(String name, String value, boolean httpOnly) {
        return ResponseCookie.from(name, value).path("/").httpOnly(httpOnly).build().toString();
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
