using System.Text.Json;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary>A consumer with its new credentials, which are shown only once.</summary>
internal sealed record NewConsumer(Consumer Consumer, ConsumerCredentials Credentials)
{
    /// <summary>Creates <c>--format</c>.</summary>
    public static FormatOption<NewConsumer> Format() => TextOrJson.Create<NewConsumer>(
        "Shell lines, or JSON.", (text, created) => created.WriteText(text), (json, created) => created.WriteMembers(json));

    private void WriteText(TextWriter text)
    {
        foreach (var (name, value) in new[]
        {
            (ServiceSettings.AppKeyVariable, Credentials.AppKey),
            (ServiceSettings.AppSecretVariable, Credentials.AppSecret),
        })
        {
            text.Write($"{ShellVariable.Line(name, value)}\n");
        }
    }

    private void WriteMembers(Utf8JsonWriter json)
    {
        ConsumerText.WriteMembers(json, Consumer);
        json.WriteString("appKey"u8, Credentials.AppKey);
        json.WriteString("appSecret"u8, Credentials.AppSecret);
    }
}
