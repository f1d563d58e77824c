using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>A temporary home folder, with or without the file of the official samples, and sources that read only from it.</summary>
internal sealed class Home : IDisposable
{
    public const string File = "~/KIS/config/kis_devlp.yaml";

    /// <summary>The template of the official samples.</summary>
    public const string Template = """
        #홈페이지에서 API서비스 신청시 받은 Appkey, Appsecret 값 설정
        #실전투자
        my_app: "앱키"
        my_sec: "앱키 시크릿"

        #모의투자
        paper_app: "모의투자 앱키"
        paper_sec: "모의투자 앱키 시크릿"

        # HTS ID
        my_htsid: "사용자 HTS ID"

        #계좌번호 앞 8자리
        my_acct_stock: "증권계좌 8자리"
        my_acct_future: "선물옵션계좌 8자리"

        #계좌번호 뒤 2자리
        my_prod: "01" # 종합계좌

        #domain infos
        prod: "https://openapi.koreainvestment.com:9443" # 서비스
        ops: "ws://ops.koreainvestment.com:21000" # 웹소켓
        vps: "https://openapivts.koreainvestment.com:29443" # 모의투자 서비스
        vops: "ws://ops.koreainvestment.com:31000" # 모의투자 웹소켓

        my_token: ""
        my_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36"

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-home-");

    public static string FilledIn { get; } = Template
        .Replace("\"앱키\"", "\"FileKey\"", StringComparison.Ordinal)
        .Replace("\"앱키 시크릿\"", "\"FileSecret\"", StringComparison.Ordinal)
        .Replace("\"모의투자 앱키\"", "\"PaperKey\"", StringComparison.Ordinal)
        .Replace("\"모의투자 앱키 시크릿\"", "\"PaperSecret\"", StringComparison.Ordinal)
        .Replace("\"사용자 HTS ID\"", "\"FileHts\"", StringComparison.Ordinal)
        .Replace("\"증권계좌 8자리\"", "\"87654321\"", StringComparison.Ordinal);

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "KIS", "config", "kis_devlp.yaml");

    public void Write(string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        System.IO.File.WriteAllText(Path, text);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(Path, mode);
    }

    public KisFeedSources Sources(params (string Name, string Value)[] variables) => new()
    {
        HomeFolder = Folder,
        Variable = name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault(),
    };

    public static IConfigurationSection Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(v => KeyValuePair.Create(KisFeedSources.SectionName + ":" + v.Key, (string?)v.Value)))
            .Build()
            .GetSection(KisFeedSources.SectionName);

    public void Dispose() => _folder.Delete(recursive: true);
}
