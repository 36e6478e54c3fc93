package memory

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// mostGarbage is how much the heap may grow, in bytes, before it is collected.
	mostGarbage = 32 << 20
	// While the heap is small, collecting a quarter as often as Go does by default costs
	// a few megabytes and saves a fifth of the work at the start and for a large answer.
	smallHeap, largeHeap = 400, 100 // percent
)

// LimitGarbage sets how often the heap is collected: rarely as long as what is not
// collected is little memory.
func LimitGarbage() {
	debug.SetGCPercent(smallHeap)
	// Its finalizer runs after each collection.
	type witness struct{ _ *byte } // with a pointer, or it shares its place with others
	now := smallHeap
	var collected func(*witness)
	collected = func(w *witness) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		percent := smallHeap
		if live[0].Value.Kind() == metrics.KindUint64 {
			percent = int(min(smallHeap, max(largeHeap, mostGarbage*100/max(live[0].Value.Uint64(), 1))))
		}
		if percent != now {
			now = percent
			debug.SetGCPercent(percent)
		}
		runtime.SetFinalizer(w, collected)
	}
	runtime.SetFinalizer(&witness{}, collected)
}
