using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Gateway;

namespace KisFeed.Cli.Verbs.Tokens;

/// <summary>Shows new credentials of a consumer, once.</summary>
internal static class TokenOutput
{
    public static async Task WriteAsync(CommandHost host, ReportFormat format, Consumer consumer, ConsumerCredentials credentials, CancellationToken cancellationToken)
    {
        if (format == ReportFormat.Text)
        {
            await using var output = host.OpenText();
            foreach (var (name, value) in new[] { (ServiceSettings.AppKeyVariable, credentials.AppKey), (ServiceSettings.AppSecretVariable, credentials.AppSecret) })
                await output.WriteAsync($"{ShellVariable.Line(name, value)}\n");
            return;
        }

        using var lines = new JsonLines(host.Output);
        var json = lines.Begin();
        ConsumerText.WriteMembers(json, consumer);
        json.WriteString("appKey"u8, credentials.AppKey);
        json.WriteString("appSecret"u8, credentials.AppSecret);
        lines.End();
        await lines.FlushAsync(cancellationToken);
    }
}
