// Command app is the container that the integration tests run: FROM scratch,
// and whatever a test needs from a task. Each flag can also be given as an
// environment variable, APP_ and its name in capitals.
//
//	app -http :8080 -log 10          serve, and write ten lines a second
//	app -exit-after 2s -exit-code 3  fail after two seconds
//	app health|get URL|lookup NAME|env|sleep   one thing, then end
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type config struct {
	http        string
	version     string
	healthyFrom time.Duration
	unhealthy   bool
	log         int
	logTotal    int
	logSize     int
	stderr      bool
	text        string
	exitAfter   time.Duration
	exitCode    int
	memory      int
	burn        bool
	ignoreTerm  bool
	started     time.Time
}

func main() {
	c := config{started: time.Now()}
	flag.StringVar(&c.http, "http", "", "serve HTTP here: /, /health, /env, /exit?code=N, /log?text=T")
	flag.StringVar(&c.version, "version", "1", "what / answers")
	flag.DurationVar(&c.healthyFrom, "healthy-from", 0, "/health fails until then")
	flag.BoolVar(&c.unhealthy, "unhealthy", false, "/health always fails")
	flag.IntVar(&c.log, "log", 0, "lines a second; below zero: as many as it can")
	flag.IntVar(&c.logTotal, "log-total", 0, "stop after so many lines; 0 never")
	flag.IntVar(&c.logSize, "log-size", 80, "length of a line, about")
	flag.BoolVar(&c.stderr, "stderr", false, "log to stderr")
	flag.StringVar(&c.text, "text", "", "write this at the start")
	flag.DurationVar(&c.exitAfter, "exit-after", 0, "end after this time")
	flag.IntVar(&c.exitCode, "exit-code", 0, "with this code")
	flag.IntVar(&c.memory, "memory", 0, "hold so many MiB")
	flag.BoolVar(&c.burn, "burn", false, "use one core")
	flag.BoolVar(&c.ignoreTerm, "ignore-term", false, "do not end on SIGTERM")
	flag.VisitAll(func(f *flag.Flag) {
		if v, ok := os.LookupEnv("APP_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))); ok {
			if err := flag.Set(f.Name, v); err != nil {
				fail(err)
			}
		}
	})
	flag.Parse()
	if flag.NArg() > 0 {
		once(flag.Args())
		return
	}
	serve(c)
}

// once does one thing and ends: health checks and probes from inside a task.
func once(args []string) {
	arg := func(def string) string {
		if len(args) > 1 {
			return args[1]
		}
		return def
	}
	switch args[0] {
	case "health":
		get(arg("http://127.0.0.1:8080/health"))
	case "get":
		get(arg(""))
	case "lookup":
		addrs, err := net.LookupHost(arg(""))
		if err != nil {
			fail(err)
		}
		fmt.Println(strings.Join(addrs, "\n"))
	case "env":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "sleep":
		d, err := time.ParseDuration(arg("1h"))
		if err != nil {
			fail(err)
		}
		time.Sleep(d)
	default:
		fail(fmt.Errorf("app: unknown command %q", args[0]))
	}
}

func get(url string) {
	cl := http.Client{Timeout: 3 * time.Second}
	resp, err := cl.Get(url)
	if err != nil {
		fail(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(os.Stdout, resp.Body)
	if resp.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// serve runs until it is told to end.
func serve(c config) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if c.text != "" {
		fmt.Println(c.text)
	}
	var held []byte
	if c.memory > 0 {
		debug.SetGCPercent(-1)
		held = make([]byte, c.memory<<20)
		for i := 0; i < len(held); i += 4096 {
			held[i] = 1
		}
	}
	if c.http != "" {
		ln, err := net.Listen("tcp", c.http)
		if err != nil {
			fail(err)
		}
		go func() { fail(http.Serve(ln, c.handler())) }()
	}
	if c.log != 0 {
		go c.writeLog()
	}
	if c.burn {
		go func() {
			for {
				held = held[:len(held):cap(held)]
			}
		}()
	}
	var end <-chan time.Time
	if c.exitAfter > 0 {
		end = time.After(c.exitAfter)
	}
	for {
		select {
		case <-end:
			os.Exit(c.exitCode)
		case s := <-signals:
			fmt.Println("received", s)
			if !c.ignoreTerm {
				os.Exit(c.exitCode)
			}
		}
	}
}

func (c config) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, c.version) })
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if c.unhealthy || time.Since(c.started) < c.healthyFrom {
			http.Error(w, "not healthy", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, strings.Join(os.Environ(), "\n"))
	})
	mux.HandleFunc("/log", func(_ http.ResponseWriter, r *http.Request) { fmt.Println(r.FormValue("text")) })
	mux.HandleFunc("/exit", func(_ http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.FormValue("code"))
		os.Exit(code)
	})
	return mux
}

// writeLog writes "n=<number> t=<nanoseconds> ……" lines at the rate asked for,
// in small bursts, so that a reader can count what it lost and how late it is.
func (c config) writeLog() {
	out := io.Writer(os.Stdout)
	if c.stderr {
		out = os.Stderr
	}
	w := bufio.NewWriterSize(out, 1<<16)
	pad := strings.Repeat("x", max(c.logSize-35, 0))
	line := make([]byte, 0, c.logSize+64)
	began := time.Now()
	for n := 1; c.logTotal == 0 || n <= c.logTotal; n++ {
		if c.log > 0 {
			for due := began.Add(time.Duration(n) * time.Second / time.Duration(c.log)); time.Until(due) > 0; {
				_ = w.Flush()
				time.Sleep(max(time.Until(due), time.Millisecond))
			}
		}
		line = append(line[:0], "n="...)
		line = strconv.AppendInt(line, int64(n), 10)
		line = append(line, " t="...)
		line = strconv.AppendInt(line, time.Now().UnixNano(), 10)
		line = append(line, ' ')
		line = append(line, pad...)
		line = append(line, '\n')
		_, _ = w.Write(line)
	}
	_ = w.Flush()
}
