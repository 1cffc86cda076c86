'use client';
import { Settings } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { PageHeader } from '@/components/page-header';
import { Tabs } from '@/components/tabs';
import { useMe } from '../session/use-session';
import { AboutTab } from './about-tab';
import { MembersTab } from './members-tab';
import { ProfileTab } from './profile-tab';
import { TokensTab } from './tokens-tab';

/** Who belongs to the workspace, access tokens, the own name, and what runs here. The tab is in the URL. */
export function SettingsPage() {
  const router = useRouter();
  const tab = useSearchParams().get('tab') ?? 'members';
  const me = useMe().data;
  return (
    <div className="mx-auto flex max-w-5xl flex-col px-6 pb-10">
      <PageHeader icon={Settings} title="Settings" path={me?.workspace.name} />
      <Tabs
        label="Settings"
        value={tab}
        onChange={(key) => router.replace(`/settings?tab=${key}`)}
        tabs={[
          { key: 'members', label: 'Members', content: <MembersTab /> },
          { key: 'tokens', label: 'Access tokens', content: <TokensTab /> },
          { key: 'profile', label: 'Profile', content: <ProfileTab /> },
          { key: 'about', label: 'About', content: <AboutTab /> },
        ]}
      />
    </div>
  );
}
