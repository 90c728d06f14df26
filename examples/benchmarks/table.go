package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// columns follow the one that names the contestants.
func columns() []string {
	return []string{"ns", "times", "ns parallel", "times parallel", "B", "allocs"}
}

// markdown writes a table per question, and below them how they were made and
// how far the nearest peer is.
func markdown(fields []field, of typical, how string) string {
	var b strings.Builder
	var notes footnotes
	for _, f := range fields {
		fmt.Fprintf(&b, "| %s | %s |\n|---|%s\n", f.title, strings.Join(columns(), " | "), strings.Repeat("---:|", len(columns())))
		ours := f.opened[0].summary(of)
		for _, o := range f.opened {
			s := o.summary(of)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", label(o.contestant)+notes.mark(o.contestant, f.targeting),
				figure(s.alone), times(s.alone, ours.alone), figure(s.parallel), times(s.parallel, ours.parallel),
				thousands(s.bytes), thousands(s.allocs))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s%s\n\n%s\n", notes.text(), nearest(fields, of, &notes), how)
	return b.String()
}

// footnotes are the notes that tables refer to, each once.
type footnotes []string

// mark returns the number of a contestant's note, raised, or nothing where there is
// none.
func (n *footnotes) mark(c contestant, targeting bool) string {
	if !c.note.applies(targeting) {
		return ""
	}
	i := slices.Index(*n, c.note.text)
	if i < 0 {
		i = len(*n)
		*n = append(*n, c.note.text)
	}
	return fmt.Sprintf("<sup>%d</sup>", i+1)
}

// text writes the notes as lines of a paragraph each.
func (n footnotes) text() string {
	var b strings.Builder
	for i, note := range n {
		fmt.Fprintf(&b, "<sup>%d</sup> %s\n\n", i+1, note)
	}
	return b.String()
}

// nearest says for each question who came next to touchlift, on one goroutine.
func nearest(fields []field, of typical, notes *footnotes) string {
	said := make([]string, len(fields))
	for i, f := range fields {
		alone := func(o *opened) float64 { return o.summary(of).alone }
		next := slices.MinFunc(f.opened[1:], func(a, b *opened) int { return cmp.Compare(alone(a), alone(b)) })
		said[i] = fmt.Sprintf("%s%s %s", next.name, notes.mark(next.contestant, f.targeting), times(alone(next), alone(f.opened[0])))
	}
	return "The fastest peers, in touchlift's time: " + strings.Join(said, ", ") + "."
}

// label is the name of a contestant with the release that this program is
// built with. touchlift's own is the one of this checkout.
func label(c contestant) string {
	build, ok := debug.ReadBuildInfo()
	if !ok || c.name == "touchlift" {
		return c.name
	}
	for _, d := range build.Deps {
		if d.Path == c.module {
			return c.name + " " + strings.TrimPrefix(d.Version, "v")
		}
	}
	return c.name
}

// figure shows nanoseconds with three digits or more.
func figure(ns float64) string {
	if ns < 99.95 {
		return strconv.FormatFloat(ns, 'f', 1, 64)
	}
	return thousands(int64(ns + 0.5))
}

// times shows a ratio.
func times(a, b float64) string {
	if b == 0 {
		return "-"
	}
	if ratio := a / b; ratio < 99.95 {
		return strconv.FormatFloat(ratio, 'f', 1, 64) + "x"
	}
	return thousands(int64(a/b+0.5)) + "x"
}

// thousands shows a whole number with a comma before every third digit.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// machine names what was measured on.
func machine() string {
	return fmt.Sprintf("%s, %d processors, %s %s/%s", processor(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// processor is the model where Linux tells it, else the architecture.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, model, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.Join(strings.Fields(model), " ")
		}
	}
	return runtime.GOARCH
}
