
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
            keys.Issue("third");
        keys.TryGetAppKey(first, out _).ShouldBeFalse();
        keys.TryGetAppKey(second, out var appKey).ShouldBeTrue();
        appKey.ShouldBe("second");
    }
}
