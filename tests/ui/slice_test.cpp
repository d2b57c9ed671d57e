// SPDX-License-Identifier: Apache-2.0
// Cuts through a volume land where the patient's left and right are, whatever the voxel order.
#include <gtest/gtest.h>

#include "fake_session.h"
#include "screen.h"
#include "ui/desktop/slice_view.h"

namespace precentral {
namespace {

// One bright voxel at a known place of a scan whose axes are permuted and flipped.
Volume one_bright(const Eigen::Matrix3d& direction, const Eigen::Vector3d& bright_scan) {
    Volume v;
    v.dims = {41, 51, 61};
    Eigen::Affine3d scan_from_voxel = Eigen::Affine3d::Identity();
    scan_from_voxel.linear() = direction;
    scan_from_voxel.translation() = -direction * Eigen::Vector3d(20, 25, 30);
    v.scan_from_voxel = AffineMap<Scan, Voxel>(scan_from_voxel);
    auto samples = std::make_shared<std::vector<float>>(v.count(), 0.0F);
    const Eigen::Vector3d voxel = scan_from_voxel.inverse() * bright_scan;
    const auto index = [](double x) { return static_cast<std::size_t>(std::lround(x)); };
    (*samples)[index(voxel.x()) + 41 * (index(voxel.y()) + 51 * index(voxel.z()))] = 100.0F;
    v.samples = samples;
    return v;
}

TEST(Cut, PutsLeftLeftAndUpUpForEveryVoxelOrder) {
    const Eigen::Vector3d bright(-12, 9, 14);  // left, in front, above
    int orders = 0;
    const std::array<std::array<int, 3>, 6> permutations = {
        {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
    for (const auto& p : permutations) {
        for (int flips = 0; flips < 8; ++flips) {
            Eigen::Matrix3d direction = Eigen::Matrix3d::Zero();
            for (int i = 0; i < 3; ++i) direction(p[static_cast<std::size_t>(i)], i) = (flips >> i & 1) != 0 ? -1 : 1;
            const Volume volume = one_bright(direction, bright);
            const struct {
                Plane plane;
                double across, up;
            } cases[] = {{Plane::axial, bright.x(), bright.y()},
                         {Plane::coronal, bright.x(), bright.z()},
                         {Plane::sagittal, bright.y(), bright.z()}};
            for (const auto& c : cases) {
                const Cut cut = cut_through(volume, c.plane, {bright}, {0.0F, 100.0F});
                const int column = static_cast<int>(std::lround(c.across - cut.left_mm));
                const int row = static_cast<int>(std::lround(cut.top_mm - c.up));
                ASSERT_TRUE(cut.image.valid(column, row));
                EXPECT_EQ(qGray(cut.image.pixel(column, row)), 255);
                // The mirrored place is dark.
                EXPECT_EQ(qGray(cut.image.pixel(cut.image.width() - 1 - column, row)), 0);
                EXPECT_EQ(qGray(cut.image.pixel(column, cut.image.height() - 1 - row)), 0);
            }
            ++orders;
        }
    }
    EXPECT_EQ(orders, 48);
}

TEST(Cut, OfAnEmptyVolumeOrOutsideIsDark) {
    EXPECT_TRUE(cut_through({}, Plane::axial, {}, {}).image.isNull());
    const Volume volume = one_bright(Eigen::Matrix3d::Identity(), {0, 0, 0});
    const Cut far = cut_through(volume, Plane::axial, {Eigen::Vector3d(0, 0, 500)}, {0.0F, 100.0F});
    ASSERT_FALSE(far.image.isNull());
    for (int y = 0; y < far.image.height(); ++y) {
        for (int x = 0; x < far.image.width(); ++x) ASSERT_EQ(qGray(far.image.pixel(x, y)), 0);
    }
}

TEST(GreyWindow, IgnoresWhatIsNotANumber) {
    Volume volume = one_bright(Eigen::Matrix3d::Identity(), {0, 0, 0});
    auto samples = std::make_shared<std::vector<float>>(*volume.samples);
    for (std::size_t i = 0; i < samples->size(); ++i) {
        (*samples)[i] = i % 7 == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(i % 100);
    }
    volume.samples = samples;
    const GreyWindow window = grey_window(volume);
    EXPECT_GE(window.low, 0.0F);
    EXPECT_LE(window.high, 99.0F);
    EXPECT_LT(window.low, window.high);
}

TEST(SliceView, AlwaysCarriesItsLetters) {
    NEED_SCREEN(test::Screen::memory);
    const auto head = fake::simple_head();
    for (const bool with_target : {false, true}) {
        SessionView view = fake::target_step(steady_now());
        if (!with_target) view.target.reset();
        for (const Plane plane : {Plane::axial, Plane::coronal, Plane::sagittal}) {
            SliceView slice(nullptr, plane);
            slice.resize(360, 300);
            slice.set_volume(head->t1, grey_window(head->t1));
            slice.present(shown_of(view, steady_now(), false, head.get()));
            QString letters;
            for (const DrawnText& text : slice.texts()) {
                if (text.text.size() == 1) letters += text.text;
            }
            EXPECT_EQ(letters, plane == Plane::axial ? "LRAP" : plane == Plane::coronal ? "LRSI" : "PASI");
        }
    }
}

// The brighter half of the made-up brain is its left one, and it is drawn beside the letter L.
TEST(SliceView, DrawsTheLeftHalfBesideItsLetter) {
    NEED_SCREEN(test::Screen::memory);
    const auto head = fake::simple_head();
    SessionView view = fake::target_step(steady_now());
    view.target->cortex = {Eigen::Vector3d(0, -15, 22)};
    SliceView slice(nullptr, Plane::axial);
    slice.resize(360, 300);
    slice.set_volume(head->t1, grey_window(head->t1));
    slice.present(shown_of(view, steady_now(), false, head.get()));
    const QImage image = slice.grab().toImage();
    EXPECT_GT(qGray(image.pixel(360 / 2 - 40, 130)), qGray(image.pixel(360 / 2 + 40, 130)) + 20);
}

}  // namespace
}  // namespace precentral
