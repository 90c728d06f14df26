package peer

// stackRoom is how many bytes of salt and id are joined on the stack. Longer ones
// cost an allocation and give the same arm.
const stackRoom = 256

// murmur3 returns MurmurHash3_x86_32 of the bytes. It is the hash of Optimizely, Split
// and Unleash.
func murmur3[T string | []byte](data T, seed uint32) uint32 {
	h, i := seed, 0
	for ; len(data)-i >= 4; i += 4 {
		k := uint32(data[i]) | uint32(data[i+1])<<8 | uint32(data[i+2])<<16 | uint32(data[i+3])<<24
		h ^= murmur3Block(k)
		h = (h<<13|h>>19)*5 + 0xe6546b64
	}
	var k uint32
	for j := len(data) - 1; j >= i; j-- {
		k = k<<8 | uint32(data[j])
	}
	h ^= murmur3Block(k) // of 0 it is 0: no tail changes nothing
	h ^= uint32(len(data))
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

func murmur3Block(k uint32) uint32 {
	k *= 0xcc9e2d51
	return (k<<15 | k>>17) * 0x1b873593
}
