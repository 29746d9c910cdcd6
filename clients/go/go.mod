module github.com/ecs-local/ecs-local/clients/go

go 1.23
