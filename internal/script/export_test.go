package script

// Free tells whether all room for large messages and all places for scripts are free.
func (r *Runner) Free() bool {
	if !r.large.TryAcquire(maxLarge) {
		return false
	}
	r.large.Release(maxLarge)
	return len(r.slots) == 0
}
