
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Protocol;

public sealed class ApprovalKeysTests
{
    [Fact]
    public void However_many_are_asked_for_only_so_many_are_kept_the_newest()
    {
        var keys = new ApprovalKeys(new ManualTimeProvider());
        var first = keys.Issue("first");
        var second = keys.Issue("second");
        for (var i = 2; i <= ApprovalKeys.Capacity; i++)
            keys.Issue($"owner {i / ApprovalKeys.CapacityOfOwner}");
        keys.TryGetOwner(first, out _).ShouldBeFalse();
        keys.TryGetOwner(second, out var appKey).ShouldBeTrue();
        appKey.ShouldBe("second");
    }

    [Fact]
    public void Who_asks_for_many_pushes_out_its_own_and_nobody_elses()
    {
        var time = new ManualTimeProvider();
        var keys = new ApprovalKeys(time);
        var others = keys.Issue("other");
        var first = keys.Issue("greedy");
        var second = keys.Issue("greedy");
        for (var i = 2; i <= ApprovalKeys.CapacityOfOwner; i++)
            keys.Issue("greedy");
        keys.TryGetOwner(first, out _).ShouldBeFalse();
        keys.TryGetOwner(second, out _).ShouldBeTrue();
        keys.TryGetOwner(others, out _).ShouldBeTrue();

        time.Advance(ApprovalKeys.Lifetime);
        var later = keys.Issue("greedy");
        keys.TryGetOwner(second, out _).ShouldBeFalse();
        keys.TryGetOwner(later, out _).ShouldBeTrue();
    }
}
