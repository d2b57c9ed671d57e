// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: whatever bytes a tracker sends, they are read or refused in one sentence; never a crash, never a
// pose that is none. The first byte of an input chooses the protocol, the rest is what was received.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "data/error.h"
#include "navigation/frame_assembly.h"
#include "navigation/igtl_codec.h"
#include "navigation/igtl_theatre.h"
#include "navigation/ndi_camera.h"
#include "navigation/ndi_protocol.h"
#include "navigation/tracker_address.h"

namespace {

using namespace precentral;

void require(bool so, const char* what) {
    if (so) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

void require_sentence(const std::string& text) {
    require(!text.empty() && text.back() == '.' && text.find('\n') == std::string::npos, text.c_str());
}

void require_poses(std::span<const NamedTool> tools) {
    for (const NamedTool& tool : tools) {
        if (tool.state != ToolState::visible) continue;
        const Eigen::Matrix4d m = tool.tracker_from_tool.matrix();
        require(m.allFinite(), "a pose that is not finite");
        require(
            (m.topLeftCorner<3, 3>() * m.topLeftCorner<3, 3>().transpose() - Eigen::Matrix3d::Identity()).norm() < 1e-6,
            "a pose that is not rigid");
        require(m.topRightCorner<3, 1>().norm() < 2e4, "a pose beyond the room");
    }
}

// The checksum is made right, or hardly any input would get past it.
void repair_checksums(Bytes& bytes) {
    constexpr std::size_t kHeader = 58;
    for (std::size_t at = 0; at + kHeader <= bytes.size();) {
        const auto size = load_big_endian<std::uint64_t>(bytes.data() + at + 42);
        if (size > bytes.size() - at - kHeader) return;
        Bytes crc;
        append_number(crc, igtl::crc64(ByteView(bytes).subspan(at + kHeader, static_cast<std::size_t>(size))));
        std::copy(crc.begin(), crc.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at + 50));
        at += kHeader + static_cast<std::size_t>(size);
    }
}

void fuzz_igtl(Bytes bytes, bool repaired) {
    if (repaired) repair_checksums(bytes);
    igtl::Decoder decoder;
    FrameAssembly assembly{ToolNames{}};
    SteadyTime received{};
    const std::size_t step = bytes.size() % 7 + 1;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        decoder.feed(ByteView(bytes).subspan(at, std::min(step, bytes.size() - at)));
        while (const auto message = decoder.next()) {
            received += std::chrono::milliseconds(10);
            (void)assembly.take(*message, received);
            require_poses(assembly.tools());
            std::string why;
            (void)read_trigger(*message, received, why);
            (void)read_sweep(*message, why);
            // What was understood can be said again, when its names fit.
            try {
                (void)igtl::encode(*message);
            } catch (const InputError& error) {
                require_sentence(error.what());
            }
        }
    }
    (void)assembly.flush();
    if (decoder.failed()) require_sentence(decoder.error());
    if (decoder.malformed() > 0) require_sentence(decoder.last_malformed());
    if (assembly.refused().total() > 0) require(!assembly.refused().last.empty(), "a refusal without a sentence");
}

void take_ndi(const std::optional<ndi::TrackingReply>& reply, const std::string& why) {
    if (!reply) return require_sentence(why);
    for (const ndi::HandleReading& reading : reply->handles) {
        std::string refused;
        const NamedTool tool = ndi::to_tool(reading, "Coil", refused);
        require_poses({&tool, 1});
        if (!refused.empty()) require_sentence(refused);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView rest(data + 1, size - 1);
    const std::string text(rest.begin(), rest.end());
    std::string why;
    switch (data[0] % 7) {
        case 0: fuzz_igtl({rest.begin(), rest.end()}, false); break;
        case 1: fuzz_igtl({rest.begin(), rest.end()}, true); break;
        case 2: take_ndi(ndi::read_bx(rest, why), why); break;
        case 3: take_ndi(ndi::read_tx(text, why), why); break;
        case 4: {
            ndi::ReplyReader reader;
            reader.feed(rest);
            for (int i = 0; i < 100; ++i) {
                const auto reply = reader.next();
                if (!reply) break;
                if (reply->damaged) require_sentence(reply->why);
                if (reply->is_error()) (void)ndi::error_words(reply->text);
            }
            break;
        }
        case 5: {
            static const TrackerScript script{ScriptOptions{}};
            ndi::Camera camera(script, {});
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t end = std::min(text.find('\r', at), text.size());
                std::string line = text.substr(at, end - at);
                if (line.find(':') != std::string::npos) line += ndi::hex4(ndi::crc16(line));
                (void)camera.answer(line, 0.01 * static_cast<double>(at));
                at = end + 1;
            }
            break;
        }
        default: try { (void)parse_tracker_address(text);
            } catch (const InputError&) {
            }
            try {
                (void)parse_script_event(text);
            } catch (const InputError&) {
            }
    }
    return 0;
}
