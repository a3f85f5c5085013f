module pciplacement.io/hack/tools/pause

go 1.26.0
