// What the Go programs of the client matrix share. It needs the standard library alone.
module ecs-local/matrix

go 1.23
