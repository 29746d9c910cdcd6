// Spans of time as the control interface writes them, "1h 30m" or "250ms", and their way into
// time.Duration.

package ecslocal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A span has whole milliseconds: the rest is cut off.
type span time.Duration

var units = map[string]time.Duration{
	"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond,
}

func (s span) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%dms", time.Duration(s).Milliseconds()))
}

func (s *span) UnmarshalJSON(text []byte) error {
	var words string
	if err := json.Unmarshal(text, &words); err != nil {
		return err
	}
	var sum time.Duration
	for _, word := range strings.Fields(words) {
		name := strings.TrimLeft(word, "0123456789")
		count, err := strconv.ParseInt(strings.TrimSuffix(word, name), 10, 64)
		unit, isKnown := units[name]
		if err != nil || !isKnown {
			return fmt.Errorf("%q is not a span of time", words)
		}
		sum += time.Duration(count) * unit
	}
	*s = span(sum)
	return nil
}

// plainFault and plainOrder have the fields and not the methods: in the structs below, the spans stand
// before those of the same names within.
type (
	plainFault Fault
	plainOrder Order
)

type sentFault struct {
	plainFault
	Delay span `json:"delay,omitempty"`
	Wait  span `json:"wait,omitempty"`
}

type sentOrder struct {
	*plainOrder
	Takes span `json:"takes"`
}

// MarshalJSON writes the form that the control interface reads.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(sentFault{plainFault(f), span(f.Delay), span(f.Wait)})
}

// UnmarshalJSON reads the form that the control interface writes.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var sent sentFault
	if err := json.Unmarshal(text, &sent); err != nil {
		return err
	}
	*f = Fault(sent.plainFault)
	f.Delay, f.Wait = time.Duration(sent.Delay), time.Duration(sent.Wait)
	return nil
}

// UnmarshalJSON reads the form that the control interface writes.
func (o *Order) UnmarshalJSON(text []byte) error {
	sent := sentOrder{plainOrder: (*plainOrder)(o)}
	if err := json.Unmarshal(text, &sent); err != nil {
		return err
	}
	o.Takes = time.Duration(sent.Takes)
	return nil
}
