package hobby

import (
	"fmt"
	"math"
	"strings"

	"github.com/pastime-go/pastime/internal/irt"
)

// CheckHobbies returns ErrInvalid, with the reason, when hobbies cannot be
// practised together: a kind is not in lower case or is there twice, an Executor
// is missing, two families of a hobby have the same name, levels or a guessing
// floor are out of range, or a family requires one that does not exist or,
// through others, itself.
func CheckHobbies(hobbies []Hobby) error {
	seen := map[Kind]bool{}
	for i, h := range hobbies {
		k, err := ParseKind(string(h.Kind))
		switch {
		case err != nil:
			return fmt.Errorf("hobbies[%d].Kind: %w", i, err)
		case k != h.Kind:
			return fmt.Errorf("%w: hobbies[%d].Kind is %q, must be lower-case: %q", ErrInvalid, i, h.Kind, k)
		case seen[k]:
			return fmt.Errorf("%w: hobbies[%d].Kind is %q, which is registered already", ErrInvalid, i, k)
		case h.Executor == nil:
			return fmt.Errorf("%w: the hobby %q has no Executor", ErrInvalid, k)
		}
		seen[k] = true
	}
	return checkFamilies(hobbies)
}

func checkFamilies(hobbies []Hobby) error {
	for _, h := range hobbies {
		index := map[string]*Family{}
		for i := range h.Families {
			f := &h.Families[i]
			switch {
			case f.Name == "" || index[f.Name] != nil:
				return fmt.Errorf("%w: %s: the family name %q is empty or taken twice", ErrInvalid, h.Kind, f.Name)
			case f.Version < 0 || f.Version > math.MaxInt16:
				return fmt.Errorf("%w: %s: family %q has version %d, must be in [0, %d]", ErrInvalid, h.Kind, f.Name, f.Version, math.MaxInt16)
			case f.Levels < 1 || f.Levels > irt.MaxLevels:
				return fmt.Errorf("%w: %s: family %q has %d levels, must have 1 to %d", ErrInvalid, h.Kind, f.Name, f.Levels, irt.MaxLevels)
			case len(f.LevelGuess) > f.Levels:
				return fmt.Errorf("%w: %s: family %q has guessing floors of %d levels, and %d levels",
					ErrInvalid, h.Kind, f.Name, len(f.LevelGuess), f.Levels)
			}
			for _, g := range append([]float64{f.Guess}, f.LevelGuess...) {
				if !(g >= 0 && g < 1) {
					return fmt.Errorf("%w: %s: family %q has the guessing floor %v, must be in [0, 1)", ErrInvalid, h.Kind, f.Name, g)
				}
			}
			index[f.Name] = f
		}
		done := map[string]bool{}
		for i := range h.Families {
			if err := requirements(h.Kind, index, h.Families[i].Name, nil, done); err != nil {
				return err
			}
		}
	}
	return nil
}

// requirements walks the requirements of a family. path has the families that
// led to it.
func requirements(k Kind, index map[string]*Family, name string, path []string, done map[string]bool) error {
	for i, p := range path {
		if p == name {
			return fmt.Errorf("%w: %s: families require each other in a circle: %s", ErrInvalid, k, strings.Join(append(path[i:], name), " -> "))
		}
	}
	if done[name] {
		return nil
	}
	f := index[name]
	if f == nil {
		return fmt.Errorf("%w: %s: family %q requires %q, which is not registered", ErrInvalid, k, path[len(path)-1], name)
	}
	for _, r := range f.Requires {
		if err := requirements(k, index, r, append(path, name), done); err != nil {
			return err
		}
	}
	done[name] = true
	return nil
}
