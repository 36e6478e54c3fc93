package script

import (
	"runtime"
	"sync/atomic"
)

// traffic bounds the garbage of messages. The program lets its heap grow to several
// times of what is in use, which is much where a script passes on megabyte after
// megabyte.
type traffic struct{ bytes atomic.Int64 }

// passed counts bytes. It lets who passes on the most wait for the collection.
func (t *traffic) passed(n int) {
	if t.bytes.Add(int64(n)) > collectAfter {
		t.bytes.Store(0)
		runtime.GC()
	}
}
