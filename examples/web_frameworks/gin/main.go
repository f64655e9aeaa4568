// Greetings, in Gin.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
)

func main() {
	router := gin.Default()
	router.Use(gzip.Gzip(gzip.DefaultCompression))
	router.LoadHTMLGlob("templates/*")
	router.Static("/static", "static")

	// The page with the forms.
	router.GET("/", func(c *gin.Context) {
		c.HTML(http.StatusOK, "index.html", nil)
	})
	// A route parameter.
	router.Match([]string{http.MethodGet, http.MethodHead}, "/hello/:name", func(c *gin.Context) {
		c.String(http.StatusOK, "Hello, %s!", c.Param("name"))
	})
	// A query, with a key that may come again.
	router.GET("/search", func(c *gin.Context) {
		tags := append([]string{}, c.QueryArray("tag")...)
		c.JSON(http.StatusOK, gin.H{"q": c.Query("q"), "tags": tags})
	})
	router.POST("/greetings", greet)
	router.POST("/notes", addNote)
	// An answer without a body.
	router.DELETE("/notes/:note", func(c *gin.Context) {
		c.Status(http.StatusNoContent)
	})
	router.GET("/books", books)
	router.POST("/uploads", upload)
	router.GET("/download", download)
	router.GET("/cookies", cookies)
	// A redirect.
	router.GET("/moved", func(c *gin.Context) {
		c.Redirect(http.StatusFound, "/hello/again")
	})
	router.GET("/slow/:milliseconds", slow)
	router.GET("/stream", stream)
	// A defect.
	router.GET("/broken", func(*gin.Context) {
		panic("This is the defect.")
	})

	if err := router.Run(); err != nil { // on $PORT, or 8080
		panic(err)
	}
}

// greet answers a form: it remembers the name in a cookie and goes to its greeting.
func greet(c *gin.Context) {
	name := url.PathEscape(c.PostForm("name"))
	http.SetCookie(c.Writer, &http.Cookie{Name: "name", Value: name, Path: "/", HttpOnly: true})
	c.Redirect(http.StatusSeeOther, "/hello/"+name)
}

// addNote reads a JSON body.
func addNote(c *gin.Context) {
	var note struct {
		Title string `json:"title" binding:"required"`
	}
	if c.BindJSON(&note) == nil {
		c.JSON(http.StatusCreated, gin.H{"id": 1, "title": note.Title})
	}
}

// books answers with what is worth compressing.
func books(c *gin.Context) {
	shelf := make([]gin.H, 200)
	for i := range shelf {
		shelf[i] = gin.H{"id": i + 1, "title": fmt.Sprintf("Book %d", i+1)}
	}
	c.JSON(http.StatusOK, shelf)
}

// upload reads a file of the form.
func upload(c *gin.Context) {
	header, err := c.FormFile("file")
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	file, err := header.Open()
	if err != nil {
		panic(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		panic(err)
	}
	digest := sha256.Sum256(data)
	c.JSON(http.StatusOK, gin.H{
		"name": header.Filename, "size": len(data), "sha256": hex.EncodeToString(digest[:]),
	})
}

// download answers with each of the 256 bytes there are.
func download(c *gin.Context) {
	data := make([]byte, 256)
	for i := range data {
		data[i] = byte(i)
	}
	c.Header("Content-Disposition", "attachment; filename=bytes.bin")
	c.Data(http.StatusOK, "application/octet-stream", data)
}

// cookies answers with the cookies that came, and two more.
func cookies(c *gin.Context) {
	came := gin.H{}
	for _, cookie := range c.Request.Cookies() {
		came[cookie.Name] = cookie.Value
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: "theme", Value: "dark", Path: "/"})
	http.SetCookie(c.Writer, &http.Cookie{Name: "visited", Value: "yes", Path: "/", HttpOnly: true})
	c.JSON(http.StatusOK, came)
}

// slow takes its time.
func slow(c *gin.Context) {
	milliseconds, err := strconv.Atoi(c.Param("milliseconds"))
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	c.String(http.StatusOK, "Done.")
}

// stream answers with five lines, one after the other.
func stream(c *gin.Context) {
	c.Header("Content-Type", "text/plain; charset=utf-8")
	number := 0
	c.Stream(func(w io.Writer) bool {
		number++
		fmt.Fprintf(w, "line %d\n", number)
		time.Sleep(100 * time.Millisecond)
		return number < 5
	})
}
