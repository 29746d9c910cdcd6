//! The settings that point each client at an emulator, as its users write them. Behind
//! `ecs-local env`; the text files beside this one are the settings.

use std::fmt::Write as _;
use std::net::SocketAddr;

/// The region the settings name.
const REGION: &str = "cn-hangzhou";

/// A client or tool, and its settings.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Its name, that of its folder under `tests/clients` where it has one.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The language of its settings, for Markdown.
    pub language: &'static str,
    template: &'static str,
}

/// Lists the clients, each with the text file of its name.
macro_rules! clients {
    ($($name:literal $language:literal $about:literal;)*) => {
        &[$(Client {
            name: $name,
            about: $about,
            language: $language,
            template: include_str!(concat!($name, ".txt")),
        }),*]
    };
}

/// Every client.
pub static CLIENTS: &[Client] = clients! {
    "python-classic" "python" "Python: aliyun-python-sdk-core, aliyun-python-sdk-ecs";
    "python-tea" "python" "Python: alibabacloud_ecs20140526";
    "libcloud" "python" "Python: Apache Libcloud";
    "node-classic" "js" "Node: @alicloud/pop-core";
    "node-tea" "js" "Node: @alicloud/ecs20140526";
    "go-classic" "go" "Go: github.com/aliyun/alibaba-cloud-sdk-go";
    "go-tea" "go" "Go: github.com/alibabacloud-go/darabonba-openapi, ecs-20140526";
    "java-classic" "java" "Java: aliyun-java-sdk-ecs";
    "java-tea" "java" "Java: com.aliyun:ecs20140526";
    "terraform" "hcl" "Terraform: aliyun/alicloud (read in its source, not run here)";
    "aliyun-cli" "sh" "aliyun CLI (read in its source, not run here)";
    "ansible" "sh" "Ansible: alibaba.alicloud, by footmark (captured, not run here)";
    "dotenv" "sh" "Variables and nothing else, for .env files and $GITHUB_ENV";
    "curl" "sh" "Anything that speaks HTTP";
};

impl Client {
    /// The client of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.name == name)
    }

    /// Its settings for an emulator at this address.
    pub fn settings(&self, address: SocketAddr) -> String {
        let endpoint = address.to_string();
        // IPv6 addresses stand in brackets in an endpoint, and bare as a host.
        let filled = [
            ("{endpoint}", endpoint.clone()),
            ("{url}", format!("http://{endpoint}")),
            ("{host}", address.ip().to_string()),
            ("{port}", address.port().to_string()),
            ("{region}", REGION.to_owned()),
        ];
        let template = self.template.to_owned();
        filled.into_iter().fold(template, |text, (name, value)| text.replace(name, &value))
    }
}

/// The settings of all clients as text, each under its name.
pub fn text(address: SocketAddr) -> String {
    let mut out = String::new();
    for client in CLIENTS {
        let _ =
            writeln!(out, "== {} ({})\n\n{}", client.name, client.about, client.settings(address));
    }
    out.trim_end().to_owned() + "\n"
}

/// The same as Markdown.
pub fn markdown(address: SocketAddr) -> String {
    let mut out = String::new();
    for client in CLIENTS {
        let Client { name, about, language, .. } = client;
        let settings = client.settings(address);
        let _ = writeln!(out, "### {name}\n\n{about}\n\n```{language}\n{settings}```\n");
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_variables_has_no_other_line() {
        let address = "127.0.0.1:4526".parse().unwrap();
        let settings = Client::find("dotenv").unwrap().settings(address);
        for line in settings.lines() {
            let (name, value) = line.split_once('=').unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{line}");
            assert!(!value.is_empty() && !value.contains([' ', '"', '$', '#']), "{line}");
        }
    }

    #[test]
    fn nothing_of_a_template_is_left_open() {
        let address = "127.0.0.1:4526".parse().unwrap();
        for client in CLIENTS {
            let settings = client.settings(address);
            let open = ["{endpoint}", "{url}", "{host}", "{port}", "{region}"];
            assert!(open.iter().all(|name| !settings.contains(name)), "{settings}");
            assert!(settings.contains("4526") && settings.ends_with('\n'), "{settings}");
        }
    }
}
