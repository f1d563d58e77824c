namespace KisFeed.Tests.Wire;

/// <summary>The table of result codes.</summary>
public sealed class BrokerCodeTests
{
    [Theory]
    [InlineData("OPSP0000", BrokerCodeMeaning.Done)]
    [InlineData("OPSP0001", BrokerCodeMeaning.Done)]
    [InlineData("OPSP0002", BrokerCodeMeaning.AlreadyRegistered)]
    [InlineData("OPSP0003", BrokerCodeMeaning.NotRegistered)]
    [InlineData("OPSP0007", BrokerCodeMeaning.TryLater)]
    [InlineData("OPSP0008", BrokerCodeMeaning.SessionFull)]
    [InlineData("OPSP0009", BrokerCodeMeaning.TryLater)]
    [InlineData("OPSP0010", BrokerCodeMeaning.BadCredentials)]
    [InlineData("OPSP0011", BrokerCodeMeaning.UnknownApprovalKey)]
    [InlineData("OPSP0017", BrokerCodeMeaning.WrongHtsId)]
    [InlineData("OPSP8991", BrokerCodeMeaning.InvalidRegistration)]
    [InlineData("OPSP8992", BrokerCodeMeaning.InvalidRegistration)]
    [InlineData("OPSP8993", BrokerCodeMeaning.InvalidRegistration)]
    [InlineData("OPSP8994", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP8995", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP8996", BrokerCodeMeaning.AppKeyInUse)]
    [InlineData("OPSP8997", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP8998", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP8999", BrokerCodeMeaning.TryLater)]
    [InlineData("OPSP9990", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9991", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9992", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9993", BrokerCodeMeaning.TryLater)]
    [InlineData("OPSP9994", BrokerCodeMeaning.BadCredentials)]
    [InlineData("OPSP9995", BrokerCodeMeaning.TryLater)]
    [InlineData("OPSP9996", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9997", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9998", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP9999", BrokerCodeMeaning.MalformedRequest)]
    [InlineData("OPSP1234", BrokerCodeMeaning.Unknown)]
    [InlineData("opsp0000", BrokerCodeMeaning.Unknown)]
    [InlineData("", BrokerCodeMeaning.Unknown)]
    [InlineData(null, BrokerCodeMeaning.Unknown)]
    public void Meaning_MatchesTheTable(string? code, BrokerCodeMeaning meaning)
    {
        new BrokerCode(code!).Meaning.ShouldBe(meaning);
        new BrokerCode(code!).Advice.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void NamedCodes_AreDistinct()
    {
        var named = typeof(BrokerCode).GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
            .Select(p => (BrokerCode)p.GetValue(null)!).ToList();
        named.Count.ShouldBeGreaterThan(15);
        named.Distinct().Count().ShouldBe(named.Count);
        named.ShouldAllBe(c => c.Meaning != BrokerCodeMeaning.Unknown);
    }

    [Fact]
    public void AppKeyInUse_HasAdvice() =>
        BrokerCode.AppKeyInUse.Advice.ShouldContain("another program");

    [Fact]
    public void ToString_IsTheCodeAsSent() => new BrokerCode("OPSP1234").ToString().ShouldBe("OPSP1234");
}
