// Package vocabulary has the words that tasks are made of. A task is made of them for
// ever, so the lists stay as they are.
package vocabulary

import "strings"

// Words are common English nouns of four to seven letters, all different in
// their first three.
var Words = strings.Fields(`apple basket candle dragon engine forest garden hammer island jacket kettle lantern magnet needle
	orange pencil quartz rabbit saddle ticket umbrella violin window yellow zipper anchor bottle carpet desert eagle feather
	guitar helmet insect jungle kitten ladder mirror napkin oyster pillow ribbon silver timber valley walnut button copper
	donkey elbow finger goblet hockey ivory jelly kernel lemon marble nickel onion parrot rocket spider tunnel velvet whistle`)

// Names are given names.
var Names = strings.Fields(`Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lena Max Nora Omar Pia Quin Rosa Sam Tess
	Uma Vic Wes Yara Zoe`)

// Cities are cities.
var Cities = strings.Fields("Oslo Lima Cairo Delhi Turin Perth Quito Tokyo Paris Accra Kyoto Porto Dakar Hanoi Riga Sofia")
