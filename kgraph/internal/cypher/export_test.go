package cypher

// Variables lists the variables of a query by name.
func Variables(q *Query) []string { return variables(q) }
