package main

import (
	"fmt"
	"io"
	"os"
)

// progress shows how far the work is: on a terminal one line that is
// rewritten, elsewhere a line for each step.
type progress struct {
	out      io.Writer
	terminal bool
	width    int // of the longest line so far
}

func newProgress(out io.Writer) *progress { return &progress{out: out, terminal: isTerminal(out)} }

// isTerminal reports whether out is a character device, as a terminal is.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// step shows a step.
func (p *progress) step(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if !p.terminal {
		fmt.Fprintln(p.out, line)
		return
	}
	p.width = max(p.width, len(line))
	fmt.Fprintf(p.out, "\r%-*s", p.width, line)
}

// end leaves the last step standing and goes to the next line.
func (p *progress) end() {
	if p.terminal && p.width > 0 {
		fmt.Fprintln(p.out)
	}
}
