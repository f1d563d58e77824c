using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerCredentialsTests
{
    [Fact]
    public void Credentials_have_the_format_of_the_service()
    {
        var made = ConsumerCredentials.Create();

        made.AppKey.ShouldMatch("^[0-9A-Za-z]{36}$");
        made.AppSecret.ShouldMatch("^[0-9A-Za-z+/]{180}$");
        ConsumerCredentials.IsAppKey(made.AppKey).ShouldBeTrue();
    }

    [Fact]
    public void Credentials_are_unique()
    {
        ConsumerCredentials[] made = [.. Enumerable.Range(0, 1000).Select(_ => ConsumerCredentials.Create())];

        made.Select(c => c.AppKey).Distinct(StringComparer.Ordinal).Count().ShouldBe(1000);
        made.Select(c => c.AppSecret[..12]).Distinct(StringComparer.Ordinal).Count().ShouldBe(1000);

        // Every character is used: 36,000 draws miss one of 62 with a probability of less than 10 to the minus 250.
        made.SelectMany(c => c.AppKey).Distinct().Count().ShouldBe(62);
        made.SelectMany(c => c.AppSecret).Distinct().Count().ShouldBe(64);
    }

    [Fact]
    public void Only_the_SHA_256_of_a_secret_is_stored() =>
        Convert.ToHexStringLower([.. ConsumerCredentials.HashOf("abc")])
            .ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    [Theory]
    [InlineData("")]
    [InlineData("PSabcdefghijklmnopqrstuvwxyz01234567x")]
    [InlineData("PSabcdefghijklmnopqrstuvwxyz012345-7")]
    [InlineData("PSabcdefghijklmnopqrstuvwxyz012345é7")]
    public void Other_texts_are_not_app_keys(string text) => ConsumerCredentials.IsAppKey(text).ShouldBeFalse();
}
