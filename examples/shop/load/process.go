package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// process is a shop that runs as a process of its own.
type process struct {
	command *exec.Cmd
	url     string
	log     *bufio.Reader
	rest    chan string // what it logged after its address, once it has ended
}

var (
	address = regexp.MustCompile(`\bshop=(http://\S+)`)
	counter = regexp.MustCompile(`\b(\w+)=(\d+)`)
)

// startShop starts the command with arguments and waits until it serves. The
// process is killed when ctx ends.
func startShop(ctx context.Context, command []string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, command[0], append(command[1:], args...)...), rest: make(chan string, 1)}
	p.command.Stderr = os.Stderr
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.log = bufio.NewReader(output)
	if err := p.awaitAddress(); err != nil {
		return nil, errors.Join(err, p.command.Process.Kill(), p.command.Wait())
	}
	go func() {
		var rest bytes.Buffer
		_, _ = io.Copy(&rest, p.log) // the pipe breaks when the process ends
		p.rest <- rest.String()
	}()
	return p, nil
}

// awaitAddress reads the log up to the line with the address.
func (p *process) awaitAddress() error {
	for {
		line, err := p.log.ReadString('\n')
		if found := address.FindStringSubmatch(line); found != nil {
			p.url = found[1]
			return nil
		}
		if err != nil {
			return fmt.Errorf("load: the shop ended without an address, its last words were %q", line)
		}
	}
}

// terminate sends SIGTERM, as a platform does that wants a service to end.
func (p *process) terminate() error { return p.command.Process.Signal(syscall.SIGTERM) }

// counters of the recorder, as the shop logs them at its end.
type counters map[string]int

// wait waits for the end of the process, and reads its last line.
func (p *process) wait() (counters, error) {
	log := strings.TrimSpace(<-p.rest)
	if err := p.command.Wait(); err != nil {
		return nil, fmt.Errorf("load: the shop: %w; its log ends with\n%s", err, log)
	}
	last := log[strings.LastIndexByte(log, '\n')+1:]
	c := make(counters)
	for _, pair := range counter.FindAllStringSubmatch(last, -1) {
		number, err := strconv.Atoi(pair[2])
		if err != nil {
			return nil, err
		}
		c[pair[1]] = number
	}
	if !strings.Contains(last, "msg=closed") {
		return nil, fmt.Errorf("load: the shop did not say that it closed; its log ends with\n%s", log)
	}
	return c, nil
}
