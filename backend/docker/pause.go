package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// The pause container holds the network namespace of a task open while its
// containers come and go. Its program has one thing to do, to wait, and no
// image can be pulled for it; so it is put together here, instruction by
// instruction, and works on every engine, whatever this program runs on.

// pausePath is the program inside its image.
const pausePath = "/pause"

// pauseCode is a loop around the system call that sleeps until a signal comes,
// and the ELF machine number, for an architecture as Go names it.
func pauseCode(arch string) (code []byte, machine uint16, err error) {
	switch arch {
	case "amd64":
		return []byte{
			0xb8, 0x22, 0x00, 0x00, 0x00, // mov eax, 34 (pause)
			0x0f, 0x05, // syscall
			0xeb, 0xf7, // jmp to the start
		}, 62, nil
	case "arm64":
		for _, word := range []uint32{
			0xd2800000,             // mov x0, 0: no descriptors
			0xd2800001,             // mov x1, 0
			0xd2800002,             // mov x2, 0: no timeout
			0xd2800003,             // mov x3, 0
			0xd2800004,             // mov x4, 0
			0xd2800000 | 73<<5 | 8, // mov x8, 73 (ppoll)
			0xd4000001,             // svc 0
			0x17fffff9,             // b to the start
		} {
			code = binary.LittleEndian.AppendUint32(code, word)
		}
		return code, 183, nil
	}
	return nil, 0, fmt.Errorf("the engine's architecture %s is not supported for awsvpc tasks: use network mode bridge", arch)
}

// pauseProgram is the smallest static executable that waits for ever: an ELF
// header, one program header, the code.
func pauseProgram(arch string) ([]byte, error) {
	const headers, base = 64 + 56, 0x400000
	code, machine, err := pauseCode(arch)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write([]byte{0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}) // 64 bit, little endian
	size := uint64(headers + len(code))
	for _, field := range []any{
		uint16(2), machine, uint32(1), // executable, version
		uint64(base + headers), uint64(64), uint64(0), // entry, program headers, no sections
		uint32(0), uint16(64), uint16(56), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), // PT_LOAD, readable and executable
		uint64(0), uint64(base), uint64(base), size, size, uint64(0x10000),
	} {
		if err := binary.Write(&b, binary.LittleEndian, field); err != nil {
			return nil, err
		}
	}
	b.Write(code)
	return b.Bytes(), nil
}

// pauseImage gives the image of pause containers, which is made where the
// engine has none.
func (a *agent) pauseImage(ctx context.Context) (string, error) {
	a.making.Lock()
	defer a.making.Unlock()
	info, err := a.info(ctx)
	if err != nil {
		return "", err
	}
	arch := goArch(info.Architecture)
	ref := "ecs-tui/pause:1-" + arch
	if _, err := a.client.ImageInspect(ctx, ref); err == nil {
		return ref, nil
	}
	program, err := pauseProgram(arch)
	if err != nil {
		return "", err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: pausePath[1:], Mode: 0o755, Size: int64(len(program)), Typeflag: tar.TypeReg}); err != nil {
		return "", err
	}
	if _, err := w.Write(program); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	res, err := a.client.ImageImport(ctx, client.ImageImportSource{Source: &archive, SourceName: "-"}, ref, client.ImageImportOptions{
		Message: "holds the network namespace of a task", Platform: ocispec.Platform{OS: "linux", Architecture: arch},
		Changes: []string{fmt.Sprintf("ENTRYPOINT [%q]", pausePath), "LABEL " + LabelApp + "=pause"},
	})
	if err != nil {
		return "", wrap("StartTask", ref, err)
	}
	defer res.Close()
	_, err = io.Copy(io.Discard, res)
	return ref, wrap("StartTask", ref, err)
}
