package main
import ("testing";"os";"fmt")
func TestZZ(t *testing.T){
 s,_:=newSource(1); var ex []example
 for range 20000 { e,err:=s.next(); if err!=nil{t.Fatal(err)}; ex=append(ex,e)}
 raw,_:=vocabulary(ex); os.WriteFile("/tmp/tokenizer.json",raw,0o644)
 f,_:=os.Create("/tmp/ex.txt"); defer f.Close()
 for _,e:=range ex[:3000]{ fmt.Fprintf(f,"%s %d\t<|user|>%q<|end|><|assistant|>\t%s<|end|>\n",e.family,e.level,e.messages[0].Content,e.answer)}
}
const contextLength=1024
