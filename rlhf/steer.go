package rlhf

// steers is the model that the policy follows; nil while it does not.
func (p *Pipeline) steers() *taste {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.model.(*taste); ok && p.follow {
		return t
	}
	return nil
}
