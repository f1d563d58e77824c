using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerSetTests
{
    private readonly ConsumerCredentials _anna = ConsumerCredentials.Create();
    private readonly ConsumerCredentials _boris = ConsumerCredentials.Create();

    [Fact]
    public void Credentials_are_those_of_their_consumer()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        set.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
        set.Check(_boris.AppKey, _boris.AppSecret)?.Name.ShouldBe("boris");
    }

    [Fact]
    public void Halves_of_two_pairs_are_nobodys()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        set.Check(_anna.AppKey, _boris.AppSecret).ShouldBeNull();
        set.Check(_boris.AppKey, _anna.AppSecret).ShouldBeNull();
    }

    [Fact]
    public void Whatever_else_is_nobodys()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna)]);
        var (key, secret) = (_anna.AppKey, _anna.AppSecret);
        var (otherKey, otherSecret) = (Swapped(key), Swapped(secret));
        foreach (var (k, s) in new[] { (key, ""), ("", secret), ("", ""), (key, secret[..^1]), (key, secret + "="), (key, $"{secret} "), (otherKey, secret), (key, otherSecret), (secret, key), (key[..^1], secret), ($"{key}\0", secret), ("anna", secret) })
            set.Check(k, s).ShouldBeNull($"{k} {s}");
        set.Check(key, Convert.ToHexStringLower([.. ConsumerCredentials.HashOf(secret)])).ShouldBeNull("the hash is no secret to come with");
        new ConsumerSet([]).Check(key, secret).ShouldBeNull();
    }

    [Fact]
    public void Who_is_removed_or_given_another_secret_is_gone()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("boris", _boris)])).Single().ShouldSatisfyAllConditions(l => l.IsGone.ShouldBeTrue(), l => l.Before.Name.ShouldBe("anna"));
        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("anna"), TokenFolder.NewConsumer("boris", _boris)])).Single().IsGone.ShouldBeTrue();
        before.LossesIn(new ConsumerSet([])).Length.ShouldBe(2);
    }

    [Fact]
    public void Who_keeps_its_credentials_loses_what_it_may_no_longer()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, notices: true)]);
        var loss = before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0"])])).Single();

        loss.IsGone.ShouldBeFalse();
        loss.Loses(IndexTrade.Feed.Schema).ShouldBeFalse();
        loss.Loses(BondTrade.Feed.Schema).ShouldBeTrue();
        loss.Loses(OrderNotice.Feed.Schema).ShouldBeTrue();
    }

    [Fact]
    public void What_it_did_not_have_it_does_not_lose()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0"])]);
        var loss = before.LossesIn(new ConsumerSet([])).Single();

        loss.Loses(IndexTrade.Feed.Schema).ShouldBeTrue();
        loss.Loses(BondTrade.Feed.Schema).ShouldBeFalse();
        loss.Loses(OrderNotice.Feed.Schema).ShouldBeFalse();
    }

    [Fact]
    public void More_rights_another_name_and_another_order_are_no_losses()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0", "H0BJCNT0"]), TokenFolder.NewConsumer("boris", _boris)]);

        before.LossesIn(before).ShouldBeEmpty();
        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("boris", _boris), TokenFolder.NewConsumer("berta", _anna, notices: true)])).ShouldBeEmpty();
        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("boris", _boris), TokenFolder.NewConsumer("anna", _anna, feeds: ["h0bjcnt0", "H0NXPGM0", "H0UPCNT0"])])).ShouldBeEmpty();
    }

    // The same but for its last character.
    private static string Swapped(string text) => text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
}
