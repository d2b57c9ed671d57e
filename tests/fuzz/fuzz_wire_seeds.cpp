// SPDX-License-Identifier: Apache-2.0
// Writes the seed corpus of fuzz_wire: one small good input of each protocol, behind the byte that chooses it.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "navigation/igtl_codec.h"
#include "navigation/ndi_protocol.h"

int main(int argc, char** argv) {
    using namespace precentral;
    if (argc != 2) {
        std::fprintf(stderr, "usage: fuzz_wire_seeds FOLDER\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    const auto seed = [&](const std::string& name, char which, const Bytes& bytes) {
        std::ofstream file(folder / name, std::ios::binary);
        file.put(which);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    const std::vector<std::pair<std::string, igtl::Content>> contents = {
        {"transform", igtl::TransformData{}},
        {"tdata", igtl::TrackingData{{{"Head"}, {"Coil"}}}},
        {"qtdata", igtl::QuaternionData{{{"Head"}, {"Coil"}}}},
        {"position", igtl::PositionData{{1, 2, 3}, std::array<float, 4>{0, 0, 0, 1}}},
        {"status", igtl::StatusData{13, 0, "n", "warming up"}},
        {"string", igtl::TextData{"count=3 intensity=41.5"}},
        {"array", igtl::ArrayData{{3}, {1, 2, 3}}},
        {"start", igtl::QueryData{igtl::Verb::start, "TDATA"}},
        {"capability", igtl::CapabilityData{{"TDATA"}}}};
    for (const auto& [name, content] : contents) {
        for (const int version : {1, 2}) {
            igtl::Message message{.device = name == "string"  ? "Trigger"
                                            : name == "array" ? "EMG"
                                                              : "Coil",
                                  .stamp = 5ULL << 32U,
                                  .header_version = version,
                                  .content = content};
            if (version == 2) message.metadata = {{"TransformStatus", "OK"}, {"PulseCount", "3"}};
            for (const char which : {'\0', '\1'}) {
                seed(name + std::to_string(version) + std::to_string(which), which, igtl::encode(message));
            }
        }
    }
    ndi::TrackingReply reply;
    reply.handles.resize(3);
    reply.handles[0].state = ndi::HandleState::valid;
    reply.handles[1].state = ndi::HandleState::missing;
    const std::string tx = ndi::write_tx(reply);
    seed("bx", 2, ndi::write_bx(reply));
    seed("tx", 3, {tx.begin(), tx.end()});
    seed("reply_bx", 4, ndi::binary_reply(ndi::write_bx(reply)));
    seed("reply_tx", 4, ndi::text_reply(tx));
    const std::string talk = "INIT:\rPHSR:02\rPINIT:01\rPENA:01D\rPHINF:010004\rTSTART:\rBX:0801\rTX:0801\rTSTOP:";
    seed("camera", 5, {talk.begin(), talk.end()});
    for (const std::string text :
         {"igtl://a:5", "ndi://a:5?Head=a.rom", "ndi:/dev/ttyS0?baud=9600", "hide:Coil@5+2/20"}) {
        seed("text" + std::to_string(text.size()), 6, {text.begin(), text.end()});
    }
    return 0;
}
