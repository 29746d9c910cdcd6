// Requests to the control interface and what is read of their answers.

package ecslocal

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Error is a refusal of the control interface; nothing has changed.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code begins with "EcsLocal."; it is empty where something else than an emulator answered.
	Code string
	// Message tells what is wrong, and what to do.
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("ecs-local: %d %s: %s", e.Status, e.Code, e.Message)
}

// A request names an operation and what is special about this request for it.
type request struct {
	operation string
	path      []string // values of the variable parts, in order
	query     query
	body      any
}

// A query is parameters by name; one with an empty value is not sent.
type query map[string]string

// ask makes a request whose answer is JSON of this type, or a text.
func ask[T any](e *Emulator, asked request) (T, error) {
	var answer T
	err := e.do(asked, &answer)
	return answer, err
}

// tell makes a request that has no answer.
func tell(e *Emulator, asked request) error {
	return e.do(asked, nil)
}

func (e *Emulator) do(asked request, answer any) error {
	sent, err := e.build(asked)
	if err != nil {
		return fmt.Errorf("ecs-local: %s: %w", asked.operation, err)
	}
	response, err := e.client.Do(sent)
	if err != nil {
		return fmt.Errorf("ecs-local: %s: %w", asked.operation, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("ecs-local: %s: %w", asked.operation, err)
	}
	if response.StatusCode/100 != 2 {
		return refusal(response.StatusCode, text)
	}
	if err := read(text, answer); err != nil {
		return fmt.Errorf("ecs-local: answer of %s: %w", asked.operation, err)
	}
	return nil
}

func (e *Emulator) build(asked request) (*http.Request, error) {
	operation := operations[asked.operation]
	var body io.Reader
	if operation.body {
		text, err := json.Marshal(asked.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	values := url.Values{}
	for name, value := range asked.query {
		if value != "" {
			values.Set(name, value)
		}
	}
	address := e.url + expand(operation.path, asked.path)
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	sent, err := http.NewRequest(operation.method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	if e.token != "" {
		sent.Header.Set("Authorization", "Bearer "+e.token)
	}
	return sent, nil
}

// expand puts values in place of the variable parts of a path.
func expand(path string, values []string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = url.PathEscape(values[0])
			values = values[1:]
		}
	}
	return strings.Join(parts, "/")
}

func read(text []byte, answer any) error {
	switch answer := answer.(type) {
	case nil:
		return nil
	case *string:
		*answer = string(text)
		return nil
	default:
		return json.Unmarshal(text, answer)
	}
}

func refusal(status int, text []byte) *Error {
	var refused struct{ Code, Message string }
	if json.Unmarshal(text, &refused) != nil {
		refused.Message = strings.TrimSpace(string(text))
	}
	return &Error{Status: status, Code: refused.Code, Message: refused.Message}
}

func randomHex(count int) string {
	random := make([]byte, count)
	if _, err := rand.Read(random); err != nil {
		panic(err) // the system has no randomness: nothing can go on
	}
	return hex.EncodeToString(random)
}
