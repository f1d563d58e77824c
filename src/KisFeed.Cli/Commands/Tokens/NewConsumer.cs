using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary>A consumer with its new credentials, which are shown only once.</summary>
internal sealed record NewConsumer(Consumer Consumer, ConsumerCredentials Credentials)
{
    public void WriteText(TextWriter text)
    {
        text.WriteLine(ShellVariable.Line(ServiceSettings.AppKeyVariable, Credentials.AppKey));
        text.WriteLine(ShellVariable.Line(ServiceSettings.AppSecretVariable, Credentials.AppSecret));
    }

    public string ToJson()
    {
        var json = ConsumerText.ToJson(Consumer);
        json["appKey"] = Credentials.AppKey;
        json["appSecret"] = Credentials.AppSecret;
        return Json.Line(json);
    }
}
