// Runs a health script as Argo CD does: in gopher-lua, with only the package, base and table libraries, with a timeout of one
// second, and with the object in the global variable obj. Reads one object in JSON per line, writes one result in JSON per line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"
	luajson "layeh.com/gopher-json"
)

func health(script string, object any) (string, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return "", err
		}
	}
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	l.SetContext(limit)
	l.SetGlobal("obj", luajson.DecodeValue(l, object))
	if err := l.DoString(script); err != nil {
		return "", err
	}
	answer, err := luajson.Encode(l.Get(-1))
	return string(answer), err
}

func main() {
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var object any
		if err = json.Unmarshal(lines.Bytes(), &object); err == nil {
			var answer string
			if answer, err = health(string(script), object); err == nil {
				fmt.Println(answer)
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "error: %s: %v\n", lines.Text(), err)
			os.Exit(1)
		}
	}
}
