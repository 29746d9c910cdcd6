// Package checks counts what a program checks, and prints it in the form of
// tests/clients/README.md. A program has one run of checks, so the package itself holds it.
package checks

import (
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"

	"ecs-local/matrix/emulator"
)

var (
	step           string
	passed, failed int
)

// Version prints the versions of these modules, as they are built into the program.
func Version(modules ...string) {
	var versions []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if slices.Contains(modules, module.Path) {
				versions = append(versions, module.Path+" "+module.Version)
			}
		}
	}
	fmt.Println("version:", strings.Join(versions, ", "))
}

// Step runs one step. What it panics with is a failure of it; the next steps still run.
func Step(name string, run func()) {
	step = name
	defer func() {
		if cause := recover(); cause != nil {
			// The clients' errors have several lines; what is printed of a check has one.
			text := strings.Join(strings.Fields(fmt.Sprint(cause)), " ")
			fail(fmt.Sprintf("ended by %T: %s", cause, text))
		}
	}()
	run()
}

// Must ends the step where there is an error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// MustGet is what a call gives that must not fail.
func MustGet[T any](value T, err error) T {
	Must(err)
	return value
}

// Only is the one element of a list that must have no other.
func Only[T any](list []T) T {
	if len(list) != 1 {
		panic(fmt.Errorf("a list has %d elements in place of one", len(list)))
	}
	return list[0]
}

func Equal[T any](what string, got, wanted T) {
	if reflect.DeepEqual(got, wanted) {
		pass(fmt.Sprintf("%s %#v", what, got))
	} else {
		fail(fmt.Sprintf("%s: got %#v, wanted %#v", what, got, wanted))
	}
}

// Refused runs a call that is to be refused, and gives the client's error. `read` takes the refusal
// out of such an error, or ends the step with it if it is none; `calls` is how often this client
// makes the call.
func Refused(call func() error, read func(error) Refusal, wanted Refusal, calls int) error {
	before := emulator.Calls().Total
	err := call()
	if err == nil {
		panic(fmt.Errorf("no refusal, wanted %s", wanted.Code))
	}
	after := emulator.Calls()
	made := after.Total - before
	fmt.Printf("refused %s: %T, %d calls\n", step, err, made)

	got := read(err)
	if wanted.GoesOn {
		got.Message = got.Message[:min(len(got.Message), len(wanted.Message))]
	}
	Equal("HTTP status", got.Status, wanted.Status)
	Equal("Code", got.Code, wanted.Code)
	Equal("Message", got.Message, wanted.Message)
	Equal("RequestId", got.RequestID, after.Calls[0].RequestID)
	Equal("calls", made, calls)
	return err
}

// Finish prints the sum and ends the program with it.
func Finish() {
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func pass(found string) {
	passed++
	fmt.Printf("ok      %s: %s\n", step, found)
}

func fail(found string) {
	failed++
	fmt.Printf("FAILED  %s: %s\n", step, found)
}
