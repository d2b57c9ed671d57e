// SPDX-License-Identifier: Apache-2.0
#include "data/pose_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "data/error.h"
#include "tests/data/temporary_folder.h"

namespace precentral {
namespace {

using ::testing::HasSubstr;

class PoseSequence : public ::testing::Test {
protected:
    std::string file(const std::string& text) {
        const auto path = folder_.path() / "poses.igs.mha";
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }
    std::string refusal(const std::string& text) {
        try {
            read_pose_sequence(file(text));
        } catch (const InputError& e) {
            return e.what();
        }
        return "";
    }
    TemporaryFolder folder_;
};

const std::string kHead = "ObjectType = Image\nNDims = 3\n";
const std::string kShift = "1 0 0 5 0 1 0 6 0 0 1 7 0 0 0 1";

TEST_F(PoseSequence, ReadsPosesTimesAndStatusAndSkipsTheImages) {
    const auto frames = read_pose_sequence(file(
        kHead + "Seq_Frame0001_StylusToTrackerTransform = " + kShift + " \r\nSeq_Frame0001_Timestamp = 2.5\r\n" +
        "Seq_Frame0000_StylusToTrackerTransform = " + kShift + "\nSeq_Frame0000_StylusToTrackerTransformStatus = OK\n" +
        "Seq_Frame0000_ReferenceToTrackerTransform = 0 -1 0 1 1 0 0 2 0 0 1 3 0 0 0 1\n" +
        "Seq_Frame0001_ReferenceToTrackerTransform = " + kShift +
        "\nSeq_Frame0001_ReferenceToTrackerTransformStatus = MISSING\n" +
        "ElementDataFile = LOCAL\nSeq_Frame0002_StylusToTrackerTransform = \x01\x02\n"));
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_TRUE(std::isnan(frames[0].time_s));
    EXPECT_EQ(frames[1].time_s, 2.5);
    EXPECT_EQ(frames[1].poses.count("ReferenceToTracker"), 0u);
    EXPECT_EQ(frames[0].poses.at("StylusToTracker").translation(), Eigen::Vector3d(5.0, 6.0, 7.0));
    std::vector<std::size_t> which;
    const auto between = poses_between(frames, "Stylus", "Reference", &which);
    EXPECT_EQ(which, std::vector<std::size_t>{0});
    // R^T (s - r) with R a quarter turn about z.
    EXPECT_LT((between[0].translation() - Eigen::Vector3d(4.0, -4.0, 4.0)).norm(), 1e-12);
    EXPECT_THROW(poses_between(frames, "Needle", "Reference"), InputError);
}

TEST_F(PoseSequence, RefusesWhatIsBrokenAndNamesTheLine) {
    EXPECT_THAT(refusal(""), HasSubstr("not a sequence metafile"));
    EXPECT_THAT(refusal("name,x,y,z\n"), HasSubstr("not a sequence metafile"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame0000_AToBTransform = 1 2 3\n"), HasSubstr("line 3: a pose is 16 numbers"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame0000_AToBTransform = " + kShift + " 9\n"), HasSubstr("more than 16"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame_AToBTransform = " + kShift + "\n"), HasSubstr("no number"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame0000_AToBTransform = 2 0 0 5 0 1 0 6 0 0 1 7 0 0 0 1\n"),
                HasSubstr("line 3"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame0000_AToBTransform = nan 0 0 5 0 1 0 6 0 0 1 7 0 0 0 1\n"),
                HasSubstr("line 3"));
    EXPECT_THAT(refusal(kHead + "Seq_Frame0000_Timestamp = soon\n"), HasSubstr("time"));
    EXPECT_THROW(read_pose_sequence((folder_.path() / "absent.mha").string()), InputError);
}

}  // namespace
}  // namespace precentral
