namespace KisFeed.Simulator.Tests.Market;

public sealed class FuturesContractTests
{
    [Theory]
    [InlineData(2026, 11, 20, "A01612")]
    [InlineData(2026, 12, 10, "A01612")]
    [InlineData(2026, 12, 11, "A01703")]
    [InlineData(2027, 1, 4, "A01703")]
    [InlineData(2027, 3, 11, "A01703")]
    [InlineData(2027, 3, 12, "A01706")]
    public void The_front_contract_is_traded_until_the_second_Thursday_of_its_month(int year, int month, int day, string code) =>
        FuturesContract.ListedOn(new DateOnly(year, month, day))[0].Code.ShouldBe(code);

    [Fact]
    public void Four_quarterly_contracts_are_listed() =>
        FuturesContract.ListedOn(new DateOnly(2026, 11, 20)).Select(contract => contract.Code)
            .ShouldBe(["A01612", "A01703", "A01706", "A01709"]);
}
