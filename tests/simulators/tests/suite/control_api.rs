//! Starting, stopping, and the control API over HTTP.

use serde_json::{Value, json};
use vendor_simulators::{CertificateAuthority, Options, ServerCertificate, Simulators};

use crate::bench::client;

#[tokio::test]
async fn everything_can_be_steered_over_http() {
    let simulators = Simulators::start(Options::default()).await.expect("started");
    let (control, http) = (simulators.control_url().expect("an address"), client(simulators.ca_pem()));
    let get = async |path: &str| -> Value {
        http.get(format!("{control}{path}")).send().await.expect("a reply").json().await.expect("JSON")
    };
    let send = async |method: &str, path: &str, body: Value| {
        let method = method.parse().expect("a method");
        let reply =
            http.request(method, format!("{control}{path}")).json(&body).send().await.expect("a reply");
        (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
    };
    let ca = http.get(format!("{control}/ca.pem")).send().await.expect("a reply").text().await.expect("text");
    assert_eq!(ca, simulators.ca_pem());
    assert_eq!(get("/addresses").await["hpe"], simulators.addresses().hpe.to_string());
    let org = json!({"id": "00000000-0000-4000-a000-000000000001", "credentials": [{"apiToken": "t"}],
                     "members": ["m@example.com"], "knobs": {"platform": "tcsp", "commitDelayMilliseconds": 0}});
    assert_eq!(send("POST", "/tenants/vmware", org.clone()).await.0, 200);
    assert_eq!(send("POST", "/tenants/vmware", org).await.0, 409);
    let taken = json!({"credentials": [{"apiToken": "t"}]});
    assert_eq!(send("POST", "/tenants/vmware", taken).await.0, 409);
    let workspace =
        json!({"credentials": [{"clientId": "c", "clientSecret": "s", "owner": "o@example.com"}]});
    let (status, made) = send("POST", "/tenants/hpe", workspace).await;
    assert_eq!((status, &made["vendor"]), (200, &json!("hpe")));
    let cluster = json!({"id": "c1", "credentials": [{"apiToken": "t3"}], "groups": ["Sales Group"]});
    assert_eq!(send("POST", "/tenants/managed", cluster.clone()).await.0, 200);
    assert_eq!(send("POST", "/tenants/managed", cluster).await.0, 409);
    let url = get("/tenants/managed/c1/url").await["url"].as_str().expect("a URL").to_owned();
    let user = json!({"id": "bob", "email": "bob@example.com", "firstName": "Bob", "lastName": "B"});
    assert_eq!(send("POST", "/tenants/managed/c1/users", user.clone()).await.0, 204);
    assert_eq!(send("POST", "/tenants/managed/c1/users", user).await.0, 409);
    assert_eq!(get("/tenants/managed/c1/people").await.as_array().map(Vec::len), Some(2));
    let list = http.get(format!("{url}/api/v1.0/onpremise/users")).header("authorization", "Api-Token t3");
    assert_eq!(list.send().await.expect("a reply").status(), 200);
    let hpe = format!("/tenants/hpe/{}", made["id"].as_str().expect("an id"));
    let vmware = "/tenants/vmware/00000000-0000-4000-a000-000000000001";
    assert_eq!(get("/tenants").await.as_array().map(Vec::len), Some(3));
    let act = async |tenant: &str, action: Value| {
        send("POST", &format!("{tenant}/people/ada@example.com"), action).await
    };
    for tenant in [vmware, &hpe] {
        let (status, person) = act(tenant, json!({"action": "inviteByOther"})).await;
        assert_eq!((status, &person["standing"]), (200, &json!("invited")));
        assert_eq!(act(tenant, json!({"action": "accept"})).await.1["standing"], "member");
        assert_eq!(act(tenant, json!({"action": "accept"})).await.0, 409);
        assert_eq!(act(tenant, json!({"action": "decline"})).await.0, 422);
    }
    assert_eq!(get(&format!("{vmware}/people")).await.as_array().map(Vec::len), Some(3));
    assert_eq!(act("/tenants/hpe/none", json!({"action": "accept"})).await.0, 404);
    assert_eq!(get("/mails?vendor=hpe").await.as_array().map(Vec::len), Some(1));
    assert_eq!(get("/mails?email=ADA@example.com").await[0]["kind"], "invitation");
    assert_eq!(get("/creations?after=2").await.as_array().map(Vec::len), Some(1));
    let (_, knobs) = send("PATCH", &format!("{hpe}/knobs"), json!({"existsStatus": 422})).await;
    assert_eq!((&knobs["existsStatus"], &knobs["unknownIdStatus"]), (&json!(422), &json!(404)));
    assert_eq!(send("PATCH", &format!("{hpe}/knobs"), json!({"nonsense": 1})).await.0, 422);
    let rule =
        json!({"operation": "vmware.token", "when": {"nth": 1}, "fault": {"kind": "status", "status": 503}});
    let (_, fault) = send("POST", "/faults", rule).await;
    let sign_in = async || {
        let url = format!("{}/csp/gateway/am/api/auth/api-tokens/authorize", simulators.base_url_vmware());
        http.post(url).form(&[("api_token", "t")]).send().await.expect("a reply").status().as_u16()
    };
    assert_eq!((sign_in().await, sign_in().await), (503, 200));
    assert_eq!(get("/faults").await[0]["fired"], 1);
    assert_eq!(send("DELETE", &format!("/faults/{}", fault["id"]), Value::Null).await.0, 204);
    let log = get("/operations?operation=vmware.*").await;
    assert_eq!((&log[0]["status"], &log[0]["faulted"]), (&json!(503), &json!(true)));
    let limit = json!({"operations": ["vmware.token"], "requests": 0, "windowMilliseconds": 60000});
    assert_eq!(send("POST", &format!("{vmware}/limits"), limit).await.0, 204);
    assert_eq!((sign_in().await, sign_in().await), (429, 429));
    assert_eq!(get("/violations").await.as_array().map(Vec::len), Some(1));
    assert_eq!(send("DELETE", &format!("{vmware}/limits"), Value::Null).await.0, 204);
    let change = json!({"change": "rotate", "key": "t", "newSecret": "t2"});
    assert_eq!(send("POST", &format!("{vmware}/credentials"), change).await.0, 204);
    assert_eq!(sign_in().await, 400);
    assert_eq!(send("DELETE", &format!("{vmware}/tokens"), Value::Null).await.1, json!({"dropped": 1}));
    assert_eq!(send("PUT", "/echo-credentials", json!({"on": true})).await.0, 204);
    let before = get("/clock").await["vendorTime"].as_u64().expect("a time");
    let (_, after) = send("POST", "/clock", json!({"milliseconds": 60_000})).await;
    assert!(after["vendorTime"].as_u64().expect("a time") >= before + 60_000);
}

#[tokio::test]
async fn authority_and_addresses_can_be_given() {
    let authority = CertificateAuthority::generate().expect("an authority");
    let given = CertificateAuthority::from_pem(authority.certificate_pem(), authority.private_key_pem());
    let second = "127.0.0.2:0".parse().expect("an address");
    let options = Options { vmware: second, control: None, authority: Some(given), ..Options::default() };
    let simulators = Simulators::start(options).await.expect("started");
    assert_eq!(simulators.control_url(), None);
    assert!(simulators.base_url_vmware().starts_with("https://127.0.0.2:"));
    let http = client(authority.certificate_pem());
    let localhost = format!("https://localhost:{}", simulators.addresses().hpe.port());
    for url in [simulators.base_url_vmware(), simulators.base_url_hpe(), localhost] {
        assert!(http.get(url).send().await.is_ok());
    }
    let stranger = client(CertificateAuthority::generate().expect("an authority").certificate_pem());
    assert!(stranger.get(simulators.base_url_hpe()).send().await.is_err());
    let url = simulators.base_url_hpe();
    drop(simulators);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(http.get(url).send().await.is_err());
}

#[tokio::test]
async fn bad_certificates_are_bad() {
    for (certificate, word) in [
        (ServerCertificate::Expired, "Expired"),
        (ServerCertificate::WrongHost, "NotValidForName"),
        (ServerCertificate::SelfSigned, "UnknownIssuer"),
    ] {
        let simulators =
            Simulators::start(Options { certificate, ..Options::default() }).await.expect("started");
        let error =
            client(simulators.ca_pem()).get(simulators.base_url_hpe()).send().await.expect_err("refused");
        assert!(format!("{error:?}").contains(word), "{error:?}");
    }
}
