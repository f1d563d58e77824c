using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerSetTests
{
    private readonly ConsumerCredentials _anna = ConsumerCredentials.Create();
    private readonly ConsumerCredentials _boris = ConsumerCredentials.Create();

    [Fact]
    public void Credentials_identify_their_consumer()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        set.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
        set.Check(_boris.AppKey, _boris.AppSecret)?.Name.ShouldBe("boris");
    }

    [Fact]
    public void A_key_with_the_secret_of_another_consumer_is_invalid()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        set.Check(_anna.AppKey, _boris.AppSecret).ShouldBeNull();
        set.Check(_boris.AppKey, _anna.AppSecret).ShouldBeNull();
    }

    [Fact]
    public void Other_credentials_are_invalid()
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna)]);
        var (key, secret) = (_anna.AppKey, _anna.AppSecret);
        var (otherKey, otherSecret) = (WithOtherLastCharacter(key), WithOtherLastCharacter(secret));
        foreach (var (k, s) in new[]
        {
            (key, ""),
            ("", secret),
            ("", ""),
            (key, secret[..^1]),
            (key, secret + "="),
            (key, $"{secret} "),
            (otherKey, secret),
            (key, otherSecret),
            (secret, key),
            (key[..^1], secret),
            ($"{key}\0", secret),
            ("anna", secret),
        })
        {
            set.Check(k, s).ShouldBeNull($"{k} {s}");
        }
        set.Check(key, Convert.ToHexStringLower([.. ConsumerCredentials.HashOf(secret)]))
            .ShouldBeNull("the hash cannot be used as the secret");
        new ConsumerSet([]).Check(key, secret).ShouldBeNull();
    }

    [Fact]
    public void A_removed_consumer_or_secret_is_invalid()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);

        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("boris", _boris)])).Single()
            .ShouldSatisfyAllConditions(l => l.IsGone.ShouldBeTrue(), l => l.Before.Name.ShouldBe("anna"));
        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("anna"), TokenFolder.NewConsumer("boris", _boris)])).Single().IsGone
            .ShouldBeTrue();
        before.LossesIn(new ConsumerSet([])).Length.ShouldBe(2);
    }

    [Fact]
    public void A_restricted_consumer_with_the_same_credentials_loses_rights()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, notices: true)]);
        var loss = before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0"])])).Single();

        loss.IsGone.ShouldBeFalse();
        loss.HasLost(IndexTrade.Feed.Schema).ShouldBeFalse();
        loss.HasLost(BondTrade.Feed.Schema).ShouldBeTrue();
        loss.HasLost(OrderNotice.Feed.Schema).ShouldBeTrue();
    }

    [Fact]
    public void Only_existing_rights_are_lost()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0"])]);
        var loss = before.LossesIn(new ConsumerSet([])).Single();

        loss.HasLost(IndexTrade.Feed.Schema).ShouldBeTrue();
        loss.HasLost(BondTrade.Feed.Schema).ShouldBeFalse();
        loss.HasLost(OrderNotice.Feed.Schema).ShouldBeFalse();
    }

    [Fact]
    public void More_rights_another_name_or_another_order_are_not_losses()
    {
        var before = new ConsumerSet(
            [TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0", "H0BJCNT0"]), TokenFolder.NewConsumer("boris", _boris)]);

        before.LossesIn(before).ShouldBeEmpty();
        before.LossesIn(new ConsumerSet([TokenFolder.NewConsumer("boris", _boris), TokenFolder.NewConsumer("berta", _anna, notices: true)]))
            .ShouldBeEmpty();
        before.LossesIn(new ConsumerSet(
            [
                TokenFolder.NewConsumer("boris", _boris),
                TokenFolder.NewConsumer("anna", _anna, feeds: ["h0bjcnt0", "H0NXPGM0", "H0UPCNT0"]),
            ]))
            .ShouldBeEmpty();
    }

    // Differs only in its last character.
    private static string WithOtherLastCharacter(string text) => text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
}
