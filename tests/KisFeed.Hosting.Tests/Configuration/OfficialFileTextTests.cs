namespace KisFeed.Hosting.Tests.Configuration;

public sealed class OfficialFileTextTests
{
    private static readonly (string Name, string Value)[] s_values = [("my_app", "KEY"), ("my_sec", "SE\"C\\RET")];

    [Theory]
    [InlineData("", "my_app: \"KEY\"\nmy_sec: \"SE\\\"C\\\\RET\"\n")]
    [InlineData("# mine", "# mine\nmy_app: \"KEY\"\nmy_sec: \"SE\\\"C\\\\RET\"\n")]
    [InlineData("my_app: \"앱키\" # here\nmy_acct: 1\nmy_sec: old\n",
        "my_app: \"KEY\" # here\nmy_acct: 1\nmy_sec: \"SE\\\"C\\\\RET\"\n")]
    [InlineData("a: [my_app, {my_sec: x}]\nb: {my_app: y}\n",
        "a: [my_app, {my_sec: x}]\nb: {my_app: y}\nmy_app: \"KEY\"\nmy_sec: \"SE\\\"C\\\\RET\"\n")]
    [InlineData("my_app:\r\nmy_sec: ''\r\nx: |\r\n  my_app: z\r\n",
        "my_app: \"KEY\"\r\nmy_sec: \"SE\\\"C\\\\RET\"\r\nx: |\r\n  my_app: z\r\n")]
    [InlineData("my_app:   # none yet\nmy_sec: s", "my_app: \"KEY\"   # none yet\nmy_sec: \"SE\\\"C\\\\RET\"\n")]
    public void Values_are_set_and_everything_else_stays(string text, string expected) =>
        OfficialFileText.Set(text, "file", s_values).ShouldBe(expected);

    [Theory]
    [InlineData("- my_app")]
    [InlineData("{my_other: 1}")]
    [InlineData("my_app: &a x\nmy_sec: *a\n---\nb: 1\n")]
    [InlineData("my_app: [1]")]
    [InlineData("my_app: \"")]
    [InlineData("my_app: 1\nmy_app: 2")]
    public void A_text_of_another_form_is_refused(string text) =>
        Should.Throw<KisFeedConfigurationException>(() => OfficialFileText.Set(text, "file", s_values)).Message.ShouldStartWith("file");
}
