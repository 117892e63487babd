package hobby_test

import "github.com/pastime-go/pastime/hobby"

// keys has one key for all kinds.
func keys(hobbies []hobby.Hobby, key string) map[hobby.Kind]string {
	all := map[hobby.Kind]string{}
	for _, h := range hobbies {
		all[h.Kind] = key
	}
	return all
}
