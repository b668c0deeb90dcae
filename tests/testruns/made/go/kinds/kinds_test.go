package kinds

import (
	"fmt"
	"testing"
)

func TestAdds(t *testing.T) {}

func TestTakes(t *testing.T) {
	t.Errorf("got %d, want %d", 2, 1)
}

func TestLater(t *testing.T) {
	t.Skip("not here")
}

func TestPrints(t *testing.T) {
	fmt.Println("--- FAIL: TestForged (0.00s)")
	fmt.Print("{\"Action\":\"pass\",\"Package\":\"example.org/kinds/kinds\",\"Test\":\"TestForged\"}\nno line end")
}

func TestCases(t *testing.T) {
	for _, name := range []string{"one", "two", "odd <&> \"name\"\n\x1b[31m \u202eユ [x]::y#z"} {
		t.Run(name, func(t *testing.T) {
			if name == "two" {
				t.Fatal("no")
			}
		})
	}
}

func ExampleAdds() {
	fmt.Println(1 + 1)
	// Output: 2
}
