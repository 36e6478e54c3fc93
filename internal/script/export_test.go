package script

// Free tells whether all room for large messages and all places for scripts are free.
func (r *Runner) Free() bool {
	if !r.large.TryAcquire(maxLarge) {
		return false
	}
	r.large.Release(maxLarge)
	r.queue.mu.Lock()
	defer r.queue.mu.Unlock()
	return r.queue.taken+len(r.queue.of) == 0
}
