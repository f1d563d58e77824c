namespace KisFeed.Tests.Feeds;

/// <summary>A record returns the values it was given, independently of how it stores them.</summary>
public sealed class StoredValuesTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("0.00")]
    [InlineData("-3.010")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("-18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    public void A_decimal_keeps_its_value_and_its_scale(string text)
    {
        var value = decimal.Parse(text, CultureInfo.InvariantCulture);

        var record = new BondTrade { Code = "KR1", Price = value };

        record.Price!.Value.ToString(CultureInfo.InvariantCulture).ShouldBe(text);
        record.Yield.ShouldBeNull();
    }

    [Fact]
    public void A_negative_zero_is_preserved()
    {
        var zero = decimal.Negate(0.0m);

        decimal.IsNegative(new IndexTrade { Price = zero }.Price!.Value).ShouldBeTrue();
    }

    [Fact]
    public void Changing_a_copy_does_not_change_the_original()
    {
        var first = new IndexTrade { Code = "0001", Price = decimal.MaxValue, Change = 1.5m };
        var second = first with { Change = decimal.MinValue };
        var third = second with { Price = 2.5m, Change = null };
        var fourth = first with { Price = decimal.MinValue };

        (first.Price, first.Change).ShouldBe((decimal.MaxValue, 1.5m));
        (second.Price, second.Change).ShouldBe((decimal.MaxValue, decimal.MinValue));
        (third.Price, third.Change).ShouldBe((2.5m, null));
        (fourth.Price, fourth.Change).ShouldBe((decimal.MinValue, 1.5m));
    }

    [Fact]
    public void Times_integers_and_codes_are_preserved()
    {
        var time = new TimeOnly(9, 0, 0, 250);

        var record = new IndexTrade { Time = time, AccumulatedVolume = long.MinValue, Sign = (ChangeSign)0x41 };

        (record.Time, record.AccumulatedVolume, record.Sign).ShouldBe((time, long.MinValue, (ChangeSign)0x41));
        (record with { Time = null, AccumulatedVolume = null, Sign = null }).ShouldBe(default);
    }

    [Fact]
    public void A_default_record_has_no_values()
    {
        var record = default(ProgramTrade);

        (record.Code, record.Time, record.SellVolume, record.ReceivedAt).ShouldBe(("", null, null, default));
    }

    [Fact]
    public void Records_with_equal_values_are_equal_however_they_are_stored()
    {
        var created = new IndexTrade { Code = "0001", Price = 3.01m, Time = new TimeOnly(9, 12, 40) };
        var other = new IndexTrade { Code = "0001", Price = 3.010m, Time = new TimeOnly(9, 12, 40) };

        created.ShouldBe(other);
        created.GetHashCode().ShouldBe(other.GetHashCode());
        (created == other with { Price = 3.02m }).ShouldBeFalse();
        (created == other with { ReceivedAt = DateTimeOffset.UnixEpoch }).ShouldBeFalse();
        created.ToString().ShouldContain("Price = 3.01,");
    }

    [Fact]
    public void A_decoded_record_equals_one_created_from_the_same_values()
    {
        var decoded = Wire.Decoding.Record<IndexTrade>(IndexTrade.Feed.Schema, Samples.Of("H0UPCNT0"));
        var created =
            decoded with { Price = decoded.Price, Time = decoded.Time, Sign = decoded.Sign, AccumulatedVolume = decoded.AccumulatedVolume };

        created.ShouldBe(decoded);
        created.GetHashCode().ShouldBe(decoded.GetHashCode());
        (created with { Low = null }).ShouldNotBe(decoded);
    }
}
