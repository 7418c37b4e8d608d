// Command cli is a task that ends: it migrates a database that does not exist,
// step by step. `cli fail` ends with exit code 3.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	steps := []string{"connect", "lock", "create table orders", "backfill", "unlock"}
	for i, step := range steps {
		fmt.Printf("step %d of %d: %s\n", i+1, len(steps), step)
		time.Sleep(300 * time.Millisecond)
		if len(os.Args) > 1 && os.Args[1] == "fail" && step == "backfill" {
			fmt.Fprintln(os.Stderr, "backfill: column total does not exist")
			os.Exit(3)
		}
	}
	fmt.Println("done")
}
