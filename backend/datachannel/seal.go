package datachannel

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// KeySize is the length of the data key of a session that is encrypted, in
// bytes: half of it for each direction.
const KeySize = 64

// seal encrypts and decrypts what a terminal carries, where the cluster asks
// for it (executeCommandConfiguration.kmsKeyId): AES-GCM with a random nonce
// before the text.
type seal struct{ encrypt, decrypt cipher.AEAD }

// clientSeal is the seal of the client: the agent encrypts with the first half
// of the key.
func clientSeal(key []byte) (*seal, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("the data key has %d bytes, not %d", len(key), KeySize)
	}
	theirs, err := gcm(key[:KeySize/2])
	if err != nil {
		return nil, err
	}
	ours, err := gcm(key[KeySize/2:])
	return &seal{encrypt: ours, decrypt: theirs}, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// close encrypts; without a seal it leaves the text as it is.
func (s *seal) close(text []byte) []byte {
	if s == nil {
		return text
	}
	nonce := make([]byte, s.encrypt.NonceSize(), s.encrypt.NonceSize()+len(text)+s.encrypt.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return s.encrypt.Seal(nonce, nonce, text, nil)
}

var errSealed = errors.New("what the session sent can't be decrypted")

// open decrypts.
func (s *seal) open(sealed []byte) ([]byte, error) {
	if s == nil {
		return sealed, nil
	}
	n := s.decrypt.NonceSize()
	if len(sealed) < n {
		return nil, errSealed
	}
	text, err := s.decrypt.Open(nil, sealed[:n], sealed[n:], nil)
	if err != nil {
		return nil, errSealed
	}
	return text, nil
}
