using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerSetTests
{
    private readonly ConsumerCredentials _anna = ConsumerCredentials.Create();
    private readonly ConsumerCredentials _boris = ConsumerCredentials.Create();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Credentials_identify_their_consumer_but_not_with_the_secret_of_another(bool isFirst)
    {
        var set = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna), TokenFolder.NewConsumer("boris", _boris)]);
        var (own, other) = isFirst ? (_anna, _boris) : (_boris, _anna);

        set.Check(own.AppKey, own.AppSecret).ShouldNotBeNull().Name.ShouldBe(isFirst ? "anna" : "boris");
        set.Check(own.AppKey, other.AppSecret).ShouldBeNull();
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
        LossOf(loss).ShouldBe((false, true, true));
    }

    [Fact]
    public void Only_existing_rights_are_lost()
    {
        var before = new ConsumerSet([TokenFolder.NewConsumer("anna", _anna, feeds: ["H0UPCNT0"])]);

        LossOf(before.LossesIn(new ConsumerSet([])).Single()).ShouldBe((true, false, false));
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

    private static (bool Index, bool Bond, bool Notices) LossOf(ConsumerLoss loss) =>
        (loss.HasLost(IndexTrade.Feed.Schema), loss.HasLost(BondTrade.Feed.Schema), loss.HasLost(OrderNotice.Feed.Schema));

    // Differs only in its last character.
    private static string WithOtherLastCharacter(string text) => text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
}
